import path from 'node:path';
import type { Family } from '../../src/net/family.ts';
import type { PeerStatus, RouteRow } from '../../src/server/view.ts';
import { answers } from '../eventually.ts';
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
  sessionName,
} from '../speaker.ts';
import { bengalConfig } from './bengal-config.ts';

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
    // Many run at once, and what a rehearsal gives is not looked at.
    const start = [...BENGAL, 'speaker', ...options, '--rehearsal', 'off'];
    this.#daemon = this.host.start('bengal', start);
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
      const row = rows.find(isWith(neighbor));
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

  async reset(neighbor: NeighborConfig, text?: string): Promise<void> {
    const options = [...(text === undefined ? [] : ['--text', text]), '--socket', this.#socket];
    await this.host.run([...BENGAL, 'clear', addressOf(neighbor), ...options]);
  }

  shown(neighbor: NeighborConfig): Promise<string> {
    return ask(this.host, ['peer', addressOf(neighbor), '--socket', this.#socket]);
  }

  async drain(wait: number, text?: string): Promise<void> {
    const reason = text === undefined ? [] : ['--text', text];
    const options = ['--wait', String(wait), ...reason, '--socket', this.#socket];
    await this.host.run([...BENGAL, 'drain', ...options]);
  }

  async cancelDrain(): Promise<void> {
    await this.host.run([...BENGAL, 'drain', '--cancel', '--socket', this.#socket]);
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

  async freeze(): Promise<void> {
    this.#daemon?.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    this.#daemon?.signal('SIGCONT');
  }

  async kill(): Promise<void> {
    await this.#daemon?.stop('SIGKILL');
  }

  #write(): string {
    const text = JSON.stringify(bengalConfig(this.#config, this.host));
    return this.host.write('speaker.json', text);
  }

  get #socket(): string {
    return socketOf(this.host);
  }

  #readyLines(): number {
    return this.#daemon?.output().split('"msg":"ready"').length ?? 1;
  }
}

/** The control socket of the bengal on `host`. */
export const socketOf = (host: Host): string => `${host.folder}/bengal.sock`;

/** Asks a running bengal, as a person does. */
export async function askBengal<Row>(
  host: Host,
  socket: string,
  command: 'peers' | 'routes',
): Promise<readonly Row[]> {
  return JSON.parse(await ask(host, [command, '-o', 'json', '--socket', socket])) as readonly Row[];
}

function ask(host: Host, question: readonly string[]): Promise<string> {
  // Exit code 2 says that something asked about is down; the answer is on stdout all the same.
  const script = '"$@"; code=$?; [ $code -eq 2 ] || exit $code';
  return host.run(['/bin/sh', '-c', script, 'bengal', ...BENGAL, ...question]);
}

/** A dynamic peer has a name of its own. */
const isWith =
  (neighbor: NeighborConfig) =>
  ({ name, address }: PeerStatus): boolean =>
    neighbor.dynamic ? address === addressOf(neighbor) : name === sessionName(neighbor);

export function routeOfBengal(row: RouteRow): Route {
  return {
    prefix: row.prefix,
    best: row.state === 'best',
    nextHop: row.nextHop ?? '',
    asPath: row.asPath ?? '',
    ...(row.localPref === undefined ? {} : { localPref: row.localPref }),
    ...(row.med === undefined ? {} : { med: row.med }),
    ...bothKinds(row),
    ...extendedOf(row),
    ...(row.originatorId === undefined ? {} : { originatorId: row.originatorId }),
    ...(row.clusterList === undefined ? {} : { clusterList: row.clusterList }),
    ...(row.peer === undefined ? {} : { from: row.peer }),
    attributes: rareAttributes(row),
  };
}

function rareAttributes(row: RouteRow): readonly string[] {
  const { aggregator, otc, other = [], ipv6ExtCommunities } = row;
  return [
    ...(row.atomicAggregate ? ['ATOMIC_AGGREGATE'] : []),
    ...(aggregator === undefined ? [] : [`AGGREGATOR ${aggregator.asn} ${aggregator.address}`]),
    ...(row.extCommunities === undefined ? [] : ['EXTENDED_COMMUNITIES']),
    ...(ipv6ExtCommunities === undefined ? [] : [`25 ${ipv6ExtCommunities.join('')}`]),
    ...(otc === undefined ? [] : [`OTC ${otc}`]),
    ...other.map(({ type, hex }) => `${type} ${hex}`),
  ];
}

/** The row has both kinds in one list. */
function bothKinds({ communities = [] }: RouteRow): Partial<Route> {
  const isLarge = (text: string): boolean => text.split(':').length === 3;
  return communitiesOf(
    communities.filter((each) => !isLarge(each)),
    communities.filter(isLarge),
  );
}

/** As hexadecimal; types of two-octet AS numbers: 0002 is a route target, 0004 and 4004 Link Bandwidth. */
function extendedOf({ extCommunities = [] }: RouteRow): Partial<Route> {
  const octets = extCommunities.map((each) => Buffer.from(each, 'hex'));
  const routeTarget = octets.find((each) => each.readUInt16BE() === 0x0002);
  const bandwidth = octets.find((each) => [0x0004, 0x4004].includes(each.readUInt16BE()));
  return {
    ...(routeTarget && {
      routeTarget: `${routeTarget.readUInt16BE(2)}:${routeTarget.readUInt32BE(4)}`,
    }),
    ...(bandwidth && { linkBandwidth: bandwidth.readFloatBE(4) }),
  };
}
