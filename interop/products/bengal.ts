import path from 'node:path';
import type { Family } from '../../src/net/family.ts';
import type { PeerStatus, RouteRow } from '../../src/server/view.ts';
import { answers } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  addressOf,
  manyCommunities,
  type NeighborConfig,
  type Refreshes,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
  sessionName,
} from '../speaker.ts';

/** The command line that starts bengal. */
export const BENGAL: readonly string[] = [
  process.execPath,
  path.resolve(import.meta.dirname, '../../dist/cli/main.js'),
];

/** bengal itself: `bengal speaker`, asked through its own command line. */
export class Bengal implements Speaker {
  readonly product = 'bengal';
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
    const before = this.#readyLines();
    const options = ['--config', file, '--socket', this.#socket, '--http', 'off'];
    this.#daemon = this.host.start('bengal', [...BENGAL, 'speaker', ...options]);
    await answers(this.#daemon, async () => {
      if (this.#readyLines() === before) throw new Error('no line with msg "ready"');
    });
  }

  async reconfigure(config: SpeakerConfig): Promise<void> {
    this.#config = config;
    this.#write();
    // The file is watched, but not the password files that it names.
    this.#daemon?.signal('SIGHUP');
  }

  async sessions(): Promise<readonly Session[]> {
    const rows = await askBengal<PeerStatus>(this.host, this.#socket, 'peers');
    return this.#config.neighbors.map((neighbor) => {
      const row = rows.find(({ name }) => name === sessionName(neighbor));
      const state = row === undefined ? 'absent' : `${row.state} (${row.reason})`;
      return {
        neighbor: neighbor.host.name,
        state,
        established: row?.state === 'Established',
        drops: row?.flaps ?? 0,
      };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const rows = await askBengal<RouteRow>(this.host, this.#socket, 'routes');
    const learned = rows.filter((row) => row.source === 'bgp' && row.state !== 'rejected');
    return learned.filter((row) => row.family === family).map(routeOfBengal);
  }

  async reset(neighbor: NeighborConfig): Promise<void> {
    const argv = [...BENGAL, 'clear', sessionName(neighbor), '--socket', this.#socket];
    await this.host.run(argv);
  }

  async drain(wait: number): Promise<void> {
    const options = ['--wait', String(wait), '--socket', this.#socket];
    await this.host.run([...BENGAL, 'drain', ...options]);
  }

  async refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void> {
    const options = ['--soft', direction, '--socket', this.#socket];
    await this.host.run([...BENGAL, 'clear', sessionName(neighbor), ...options]);
  }

  async refreshes(neighbor: NeighborConfig): Promise<Refreshes | undefined> {
    const rows = await askBengal<PeerStatus>(this.host, this.#socket, 'peers');
    const messages = rows.find(({ name }) => name === sessionName(neighbor))?.messages;
    return (
      messages && { sent: messages.sent.routeRefresh, received: messages.received.routeRefresh }
    );
  }

  async bfdUp(neighbor: NeighborConfig): Promise<boolean> {
    const rows = await askBengal<PeerStatus>(this.host, this.#socket, 'peers');
    return rows.find(({ name }) => name === sessionName(neighbor))?.bfd?.state === 'Up';
  }

  freeze(): void {
    this.#daemon?.signal('SIGSTOP');
  }

  async kill(): Promise<void> {
    await this.#daemon?.stop('SIGKILL');
  }

  #write(): string {
    const text = JSON.stringify(speakerConfig(this.#config, this.host));
    return this.host.write('speaker.json', text);
  }

  get #socket(): string {
    return `${this.host.folder}/bengal.sock`;
  }

  #readyLines(): number {
    return this.#daemon?.output().split('"msg":"ready"').length ?? 1;
  }
}

/** Asks a running bengal, as a person does. */
export async function askBengal<Row>(
  host: Host,
  socket: string,
  command: 'peers' | 'routes',
): Promise<readonly Row[]> {
  // Exit code 2 says that something asked about is down; the answer is on stdout all the same.
  const script = '"$@"; code=$?; [ $code -eq 2 ] || exit $code';
  const argv = [...BENGAL, command, '-o', 'json', '--socket', socket];
  const text = await host.run(['/bin/sh', '-c', script, 'bengal', ...argv]);
  return JSON.parse(text) as readonly Row[];
}

/** The written form of a speaker's configuration; JSON is YAML. */
function speakerConfig(config: SpeakerConfig, host: Host): object {
  const { asn, routerId = host.ipv4, clusterId, networks = [], kernel, neighbors } = config;
  return {
    asn,
    routerId,
    ...(clusterId === undefined ? {} : { clusterId }),
    listen: [...new Set(neighbors.map((at) => listenAddress(at, host)))].map((address) => ({
      address,
      port: 179,
    })),
    ...(kernel ? { kernel: { learn: true, program: true } } : {}),
    networks: networks.map((prefix) => ({ prefix, kernel: 'none' })),
    policies: Object.fromEntries(neighbors.flatMap(exportPolicy)),
    peers: neighbors.map((neighbor) => peer(config, neighbor, host)),
  };
}

/** A link-local address cannot be bound without its zone. */
const listenAddress = ({ transport }: NeighborConfig, host: Host): string =>
  transport === 'linkLocal' ? '::' : host[transport];

const policyName = (neighbor: NeighborConfig): string => `${sessionName(neighbor)}_export`;

/** What is announced is changed so; undefined: it is not. */
function changesOf({ prepend, communities }: NeighborConfig): object | undefined {
  if (prepend === undefined && communities === undefined) return undefined;
  return {
    ...(prepend === undefined ? {} : { prependAsPath: [prepend] }),
    ...(communities === undefined ? {} : { addCommunity: manyCommunities(communities) }),
  };
}

function exportPolicy(neighbor: NeighborConfig): readonly [string, readonly object[]][] {
  const set = changesOf(neighbor);
  // biome-ignore lint/suspicious/noThenProperty: the word of the configuration
  return set === undefined ? [] : [[policyName(neighbor), [{ set, then: 'accept' }]]];
}

function peer(config: SpeakerConfig, neighbor: NeighborConfig, host: Host): object {
  const external = neighbor.asn !== config.asn;
  const restartTime = neighbor.gracefulRestart;
  return {
    name: sessionName(neighbor),
    address: addressOf(neighbor),
    localAddress: host[neighbor.transport],
    ...(neighbor.transport === 'linkLocal' ? { interface: 'eth0' } : {}),
    extendedNextHop: neighbor.extendedNextHop ?? false,
    ...(neighbor.role === undefined ? {} : { role: neighbor.role }),
    asn: neighbor.asn,
    passive: neighbor.passive ?? false,
    reflectorClient: neighbor.reflectorClient ?? false,
    families: neighbor.families,
    holdTime: neighbor.holdTime ?? 90,
    connectRetryTime: 1,
    errorWait: { min: 1, max: 2 },
    ...(neighbor.addPath ? { addPath: { send: true, receive: true } } : {}),
    gracefulRestart: restartTime === undefined ? false : { restartTime },
    ...(neighbor.prefixLimit === undefined
      ? {}
      : { prefixLimit: { max: neighbor.prefixLimit, action: 'block' } }),
    ...(neighbor.longLived === undefined
      ? {}
      : { longLivedGracefulRestart: { staleTime: neighbor.longLived } }),
    ...(neighbor.longLivedPartialDeployment ? { longLivedPartialDeployment: true } : {}),
    ...bfd(neighbor),
    ...(neighbor.password === undefined ? {} : { password: passwordFile(neighbor, host) }),
    ...(neighbor.ttlSecurity === undefined ? {} : { ttlSecurity: neighbor.ttlSecurity }),
    ...(external ? { importPolicy: 'accept', exportPolicy: 'accept' } : {}),
    ...(changesOf(neighbor) === undefined ? {} : { exportPolicy: [policyName(neighbor)] }),
  };
}

function bfd({ bfd: kind }: NeighborConfig): object {
  if (kind === undefined) return {};
  const intervals = { minTx: 100, minRx: 100, multiplier: 3 };
  return kind === 'multihop'
    ? { multihop: 5, bfd: intervals }
    : { bfd: { ...intervals, multihop: false } };
}

function passwordFile(neighbor: NeighborConfig, host: Host): object {
  return { file: host.write(`${sessionName(neighbor)}.password`, `${neighbor.password}\n`) };
}

export function routeOfBengal(row: RouteRow): Route {
  return {
    prefix: row.prefix,
    best: row.state === 'best',
    nextHop: row.nextHop ?? '',
    asPath: row.asPath ?? '',
    ...(row.localPref === undefined ? {} : { localPref: row.localPref }),
    ...(row.originatorId === undefined ? {} : { originatorId: row.originatorId }),
    ...(row.clusterList === undefined ? {} : { clusterList: row.clusterList }),
    ...(row.peer === undefined ? {} : { from: row.peer }),
    attributes: rareAttributes(row),
  };
}

function rareAttributes(row: RouteRow): readonly string[] {
  const { med, aggregator, communities = [], otc, other = [], ipv6ExtCommunities } = row;
  const large = communities.filter((each) => each.split(':').length === 3);
  const standard = communities.filter((each) => !large.includes(each));
  return [
    ...(med === undefined ? [] : [`MED ${med}`]),
    ...(row.atomicAggregate ? ['ATOMIC_AGGREGATE'] : []),
    ...(aggregator === undefined ? [] : [`AGGREGATOR ${aggregator.asn} ${aggregator.address}`]),
    ...(standard.length === 0 ? [] : [`COMMUNITIES ${standard.join(' ')}`]),
    ...(large.length === 0 ? [] : [`LARGE_COMMUNITIES ${large.join(' ')}`]),
    ...(row.extCommunities === undefined ? [] : ['EXTENDED_COMMUNITIES']),
    ...(ipv6ExtCommunities === undefined ? [] : [`25 ${ipv6ExtCommunities.join('')}`]),
    ...(otc === undefined ? [] : [`OTC ${otc}`]),
    ...other.map(({ type, hex }) => `${type} ${hex}`),
  ];
}
