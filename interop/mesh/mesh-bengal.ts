import type { Family } from '../../src/net/family.ts';
import type { PeerStatus, RouteRow } from '../../src/server/view.ts';
import { answers } from '../eventually.ts';
import { askBengal, BENGAL, routeOfBengal } from '../products/bengal.ts';
import type { Host, Program } from '../runner.ts';
import type { Route, Session } from '../speaker.ts';
import type { MeshSpeaker } from './mesh-speaker.ts';
import { resources } from './resources.ts';
import { type MeshSession, type MeshWorld, sessionsOf } from './world.ts';

/** `bengal node`, with the cluster's resources in a directory. */
export class MeshBengal implements MeshSpeaker {
  readonly product = 'bengal';
  readonly host: Host;
  #daemon: Program | undefined;
  #sessions: readonly MeshSession[] = [];

  constructor(host: Host) {
    this.host = host;
  }

  async start(world: MeshWorld): Promise<void> {
    const node = world.nodes.find(({ host }) => host === this.host);
    if (node === undefined) throw new Error(`${this.host.name} is not in the world`);
    this.#sessions = (['ipv4-unicast', 'ipv6-unicast'] as const).flatMap((family) =>
      sessionsOf(world, node, family),
    );
    this.host.write('resources.json', JSON.stringify(resources(world)));
    const datastore = ['--datastore', 'file', '--path', this.host.folder];
    const management = ['--socket', this.#socket, '--http', 'off', '--bird-socket', 'off'];
    const argv = [...BENGAL, 'node', '--node', this.host.name, ...datastore, ...management];
    this.#daemon = this.host.start('bengal', argv);
    await answers(this.#daemon, () => this.#peers());
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.#daemon?.stop(signal);
  }

  async sessions(): Promise<readonly Session[]> {
    const rows = await this.#peers();
    return this.#sessions.map(({ name, neighbor }) => {
      const row = rows.find((peer) => peer.name === name);
      const state = row === undefined ? 'absent' : `${row.state} (${row.reason})`;
      return { neighbor: neighbor.name, state, established: row?.state === 'Established' };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const rows = await askBengal<RouteRow>(this.host, this.#socket, 'routes');
    return rows.filter((row) => row.family === family && row.source === 'bgp').map(routeOfBengal);
  }

  async capabilities(): Promise<ReadonlyMap<string, string>> {
    const peers = await this.#peers();
    const text = ({ capabilities: { theirs = [] } }: PeerStatus): string =>
      theirs.map(({ name, detail }) => `${name} (${detail})`).join(' ');
    return new Map(peers.map((peer) => [peer.name, text(peer)]));
  }

  get #socket(): string {
    return `${this.host.folder}/bengal.sock`;
  }

  #peers(): Promise<readonly PeerStatus[]> {
    return askBengal<PeerStatus>(this.host, this.#socket, 'peers');
  }
}
