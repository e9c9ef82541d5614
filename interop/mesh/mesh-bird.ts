import type { Family } from '../../src/net/family.ts';
import { birdFolder } from '../calico/bird-1-6.ts';
import { answers } from '../eventually.ts';
import { parseBirdRoutes, parseBirdState } from '../products/bird.ts';
import type { Host, Program } from '../runner.ts';
import type { Route, Session } from '../speaker.ts';
import { calicoBirdConfig } from './bird-config.ts';
import type { MeshSpeaker } from './mesh-speaker.ts';
import { type MeshWorld, sessionsOf } from './world.ts';

const FAMILIES: readonly Family[] = ['ipv4-unicast', 'ipv6-unicast'];

/** BIRD 1.6, on which Calico's fork is based, as Calico's image runs it: a process for each family. */
export class MeshBird implements MeshSpeaker {
  readonly product = 'bird';
  readonly host: Host;
  readonly #daemons = new Map<Family, Program>();
  #world: MeshWorld = { nodes: [] };

  constructor(host: Host) {
    this.host = host;
  }

  async start(world: MeshWorld): Promise<void> {
    this.#world = world;
    const node = world.nodes.find(({ host }) => host === this.host);
    if (node === undefined) throw new Error(`${this.host.name} is not in the world`);
    for (const family of FAMILIES) {
      const name = programOf(family);
      const file = this.host.write(`${name}.cfg`, calicoBirdConfig(world, node, family));
      const argv = [`${birdFolder()}/${name}`, '-d', '-R', '-c', file, '-s', this.#socket(family)];
      const daemon = this.host.start(name, argv);
      this.#daemons.set(family, daemon);
      await answers(daemon, () => this.#ask(family, 'show status'));
    }
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    await Promise.all([...this.#daemons.values()].map((daemon) => daemon.stop(signal)));
  }

  async sessions(): Promise<readonly Session[]> {
    const tables = FAMILIES.map(async (family) => {
      const text = await this.#ask(family, 'show protocols');
      return this.#sessionsOf(family).map(({ name, neighbor }) => {
        const state = parseBirdState(text, name);
        return { neighbor: neighbor.name, state, established: state === 'Established' };
      });
    });
    return (await Promise.all(tables)).flat();
  }

  async routes(family: Family): Promise<readonly Route[]> {
    return parseBirdRoutes(await this.#ask(family, 'show route where source = RTS_BGP all'));
  }

  async capabilities(): Promise<ReadonlyMap<string, string>> {
    const texts = await Promise.all(
      FAMILIES.map((family) => this.#ask(family, 'show protocols all')),
    );
    const blocks = texts.flatMap((text) => text.split('\n\n'));
    return new Map(
      blocks.map((block) => [
        /^(\S+) +BGP /m.exec(block)?.[1] ?? '',
        /^ +Session: +(.*)$/m.exec(block)?.[1] ?? '',
      ]),
    );
  }

  #sessionsOf(family: Family): ReturnType<typeof sessionsOf> {
    const node = this.#world.nodes.find(({ host }) => host === this.host);
    return node === undefined ? [] : sessionsOf(this.#world, node, family);
  }

  #socket(family: Family): string {
    return `${this.host.folder}/${programOf(family)}.ctl`;
  }

  #ask(family: Family, question: string): Promise<string> {
    const client = [`${birdFolder()}/birdc`, '-s', this.#socket(family), '-r'];
    return this.host.run([...client, ...question.split(' ')]);
  }
}

const programOf = (family: Family): string => (family === 'ipv4-unicast' ? 'bird' : 'bird6');
