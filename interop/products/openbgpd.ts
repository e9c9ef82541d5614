import type { Family } from '../../src/net/family.ts';
import { answers, Lacks } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  addressOf,
  communitiesOf,
  type NeighborConfig,
  type Refreshes,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from '../speaker.ts';
import { unescaped } from './escapes.ts';
import { openbgpdConfig, WELL_KNOWN } from './openbgpd-config.ts';

/** OpenBGPD's portable release. */
export class OpenBgpd implements Speaker {
  readonly product = 'openbgpd';
  readonly host: Host;
  #config: SpeakerConfig;
  #daemon: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    const file = this.#write();
    // Its unprivileged half is shut up in a folder that the package does not make.
    await this.host.run(['mkdir', '-p', '/run/openbgpd']);
    this.#daemon = this.host.start('openbgpd', ['/usr/sbin/bgpd', '-d', '-f', file]);
    await answers(this.#daemon, () => this.#ask('show', 'summary'));
  }

  async reconfigure(config: SpeakerConfig): Promise<void> {
    if (config.neighbors.some(({ passive, password }) => passive && password !== undefined))
      throw new Lacks('its listening socket keeps the password that it began with');
    this.#config = config;
    this.#write();
    await this.#ask('reload');
    // A changed password takes hold with the next session.
    for (const neighbor of config.neighbors) await this.reset(neighbor);
  }

  async reset(neighbor: NeighborConfig, text?: string): Promise<void> {
    const reason = text === undefined ? [] : [text];
    await this.#ask('neighbor', addressOf(neighbor), 'clear', ...reason);
  }

  /** What a NOTIFICATION said is in its log alone once OpenBGPD 8 has a session again. */
  async shown(neighbor: NeighborConfig): Promise<string> {
    const text = await this.#ask('show', 'neighbor', addressOf(neighbor));
    return unescaped(`${text}${this.#daemon?.output()}`);
  }

  async sessions(): Promise<readonly Session[]> {
    // In JSON, too, which has no such escapes.
    const text = unescaped(await this.#ask('-j', 'show', 'neighbor'));
    const { neighbors = [] } = JSON.parse(text) as Neighbors;
    return this.#config.neighbors.map((neighbor) => {
      const row = neighbors.find(({ remote_addr: at }) => at === addressOf(neighbor));
      const state = row?.state ?? 'absent';
      return { neighbor: neighbor.host.name, state, established: state === 'Established' };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const question = ['-j', 'show', 'rib', family.slice(0, 4) === 'ipv4' ? 'inet' : 'inet6'];
    const text = await this.#ask(...question, 'detail');
    const { rib = [] } = JSON.parse(text) as { readonly rib?: readonly OpenBgpdRoute[] };
    return rib
      .filter(({ source }) => source !== 'announced' && source !== 'internal-own')
      .flatMap(routeOf);
  }

  async refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void> {
    const command = direction === 'in' ? 'refresh' : 'clear';
    await this.#ask('neighbor', addressOf(neighbor), command);
  }

  async refreshes(): Promise<Refreshes | undefined> {
    return undefined;
  }

  bfdUp(): Promise<boolean> {
    throw new Lacks('no BFD');
  }

  freeze(): Promise<void> {
    return this.#signal('STOP');
  }

  thaw(): Promise<void> {
    return this.#signal('CONT');
  }

  async kill(): Promise<void> {
    await this.#daemon?.stop('SIGKILL');
  }

  /** To all of its processes, which are those of its name in its network namespace. */
  async #signal(name: string): Promise<void> {
    await this.host.run(['/bin/sh', '-ec', SIGNAL_ALL, name]);
  }

  #write(): string {
    const file = this.host.write('openbgpd.conf', openbgpdConfig(this.#config, this.host));
    return file;
  }

  #ask(...question: readonly string[]): Promise<string> {
    return this.host.run(['/usr/sbin/bgpctl', '-s', `${this.host.folder}/bgpd.sock`, ...question]);
  }
}

const SIGNAL_ALL = `
  own=$(readlink /proc/self/ns/net)
  for process in /proc/[0-9]*; do
    [ "$(readlink "$process/ns/net")" = "$own" ] || continue
    [ "$(cat "$process/comm")" != bgpd ] || kill "-$0" "\${process#/proc/}"
  done`;

interface Neighbors {
  readonly neighbors?: readonly { readonly remote_addr: string; readonly state: string }[];
}

interface OpenBgpdRoute {
  readonly prefix: string;
  readonly aspath: string;
  readonly best?: boolean;
  readonly source?: string;
  readonly exit_nexthop: string;
  readonly true_nexthop: string;
  readonly localpref?: number;
  readonly metric?: number;
  readonly communities?: readonly string[];
  readonly large_communities?: readonly string[];
  readonly extended_communities?: readonly string[];
  readonly neighbor?: { readonly remote_addr?: string };
  readonly attributes?: readonly {
    readonly type: string;
    readonly originator?: string;
    readonly cluster_list?: readonly string[];
  }[];
}

const NUMBERS = new Map(Object.entries(WELL_KNOWN).map(([number, name]) => [name, number]));

function routeOf(route: OpenBgpdRoute): readonly Route[] {
  const find = (type: string) => route.attributes?.find((at) => at.type === type);
  const originatorId = find('Originator Id')?.originator;
  const clusterList = find('Cluster Id List')?.cluster_list;
  const routeTarget = route.extended_communities?.find((each) => each.startsWith('rt '));
  return [
    {
      prefix: route.prefix,
      best: route.best === true,
      nextHop: route.exit_nexthop,
      asPath: route.aspath,
      ...(route.localpref === undefined ? {} : { localPref: route.localpref }),
      ...(route.metric === undefined ? {} : { med: route.metric }),
      ...communitiesOf(
        route.communities?.map((each) => NUMBERS.get(each) ?? each),
        route.large_communities,
      ),
      ...(routeTarget === undefined ? {} : { routeTarget: routeTarget.slice('rt '.length) }),
      ...(originatorId === undefined ? {} : { originatorId }),
      ...(clusterList === undefined ? {} : { clusterList }),
    },
  ];
}
