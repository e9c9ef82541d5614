import type { Family } from '../../src/net/family.ts';
import { answers } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  addressOf,
  communitiesOf,
  type NeighborConfig,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from '../speaker.ts';
import { birdConfig, protocolName } from './bird-config.ts';

/** BIRD 2, as Debian ships it. */
export class Bird implements Speaker {
  readonly product = 'bird';
  readonly host: Host;
  #config: SpeakerConfig;
  #daemon: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config, restart }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    const file = this.#write();
    // Without -R it would not set the Restart State bit, and its neighbours would drop its routes.
    const recover = restart ? ['-R'] : [];
    const argv = ['/usr/sbin/bird', '-f', '-c', file, '-s', this.#socket, ...recover];
    this.#daemon = this.host.start('bird', argv);
    await answers(this.#daemon, () => this.#ask('show status'));
  }

  async reconfigure(config: SpeakerConfig): Promise<void> {
    this.#config = config;
    this.#write();
    await this.host.run(['/usr/sbin/birdc', '-s', this.#socket, 'configure']);
  }

  async sessions(): Promise<readonly Session[]> {
    const text = await this.#ask('show protocols');
    return this.#config.neighbors.map((neighbor) => {
      const state = parseBirdState(text, protocolName(neighbor));
      return { neighbor: neighbor.host.name, state, established: state === 'Established' };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const table = family === 'ipv4-unicast' ? 'master4' : 'master6';
    return parseBirdRoutes(await this.#ask(`show route table ${table} where source = RTS_BGP all`));
  }

  async reset(neighbor: NeighborConfig, text?: string): Promise<void> {
    const reason = text === undefined ? [] : [`"${text}"`];
    const command = ['restart', protocolName(neighbor), ...reason];
    await this.host.run(['/usr/sbin/birdc', '-s', this.#socket, ...command]);
  }

  shown(neighbor: NeighborConfig): Promise<string> {
    return this.#ask(`show protocols all ${protocolName(neighbor)}`);
  }

  async refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void> {
    const command = ['reload', direction, protocolName(neighbor)];
    await this.host.run(['/usr/sbin/birdc', '-s', this.#socket, ...command]);
  }

  async refreshes(): Promise<undefined> {
    return undefined;
  }

  async bfdUp(neighbor: NeighborConfig): Promise<boolean> {
    const rows = (await this.#ask('show bfd sessions')).split('\n');
    return rows.some((row) => row.startsWith(`${addressOf(neighbor)} `) && /\sUp\s/.test(row));
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
    return this.host.write('bird.conf', birdConfig(this.#config, this.host));
  }

  get #socket(): string {
    return `${this.host.folder}/bird.ctl`;
  }

  #ask(question: string): Promise<string> {
    return this.host.run(['/usr/sbin/birdc', '-s', this.#socket, '-r', ...question.split(' ')]);
  }
}

/** The state of one session in `show protocols`. */
export function parseBirdState(text: string, name: string): string {
  const line = text.split('\n').find((row) => row.startsWith(`${name} `)) ?? '';
  return line.trim().split(/\s+/).slice(5).join(' ') || 'Idle';
}

/**
 * Reads `show route all`: a line that begins in column 0 starts a prefix, further paths of the same
 * prefix leave that column blank, and attributes follow, indented by a tab.
 *
 *   10.1.0.0/24          unicast [to_a 10:00:00.000] * (100) [AS65001i]
 *   10.1.0.0/24        via 10.77.0.1 on eth0 [to_a 10:00:00] * (100/0) [AS65001i]     (BIRD 1.6)
 *   	via 10.77.0.1 on eth0
 *   	BGP.as_path: 65001
 *   	BGP.next_hop: 10.77.0.1 fe80::1
 */
export function parseBirdRoutes(text: string): readonly Route[] {
  const routes: Route[] = [];
  let prefix = '';
  let best = false;
  let from = '';
  let attributes = new Map<string, string>();
  const flush = (): void => {
    if (attributes.size > 0) routes.push({ ...routeOf(prefix, best, attributes), from });
    attributes = new Map();
  };
  for (const line of text.split('\n')) {
    const head =
      /^(\S*)\s+(?:unicast|blackhole|unreachable|multipath|via \S+ on \S+) \[(\S+).*?\] (\*?)/.exec(
        line,
      );
    if (head !== null) {
      flush();
      prefix = head[1] || prefix;
      from = head[2] ?? '';
      best = head[3] === '*';
      continue;
    }
    const attribute = /^\s+BGP\.(\w+)(?: \[t\])?: ?(.*)$/.exec(line);
    if (attribute !== null) attributes.set(attribute[1] ?? '', (attribute[2] ?? '').trim());
  }
  flush();
  return routes;
}

function routeOf(prefix: string, best: boolean, attributes: ReadonlyMap<string, string>): Route {
  const originatorId = attributes.get('originator_id');
  const clusterList = attributes.get('cluster_list');
  const localPref = attributes.get('local_pref');
  const med = attributes.get('med');
  const extended = tuples(attributes.get('ext_community'));
  const routeTarget = extended.find((each) => each.startsWith('rt:'));
  const bandwidth = extended.map((each) => LINK_BANDWIDTH.exec(each)?.[1]).find(Boolean);
  return {
    prefix,
    best,
    nextHop: attributes.get('next_hop')?.split(' ')[0] ?? '',
    asPath: attributes.get('as_path') ?? '',
    ...(localPref === undefined ? {} : { localPref: Number(localPref) }),
    ...(med === undefined ? {} : { med: Number(med) }),
    ...communitiesOf(
      tuples(attributes.get('community')),
      tuples(attributes.get('large_community')),
    ),
    ...(routeTarget === undefined ? {} : { routeTarget: routeTarget.slice('rt:'.length) }),
    ...(bandwidth === undefined ? {} : { linkBandwidth: floatOf(bandwidth) }),
    ...(originatorId === undefined ? {} : { originatorId }),
    ...(clusterList === undefined ? {} : { clusterList: clusterList.split(' ') }),
    attributes: [...attributes].flatMap(([name, text]) => rareAttribute(name, text) ?? []),
  };
}

/** Unknown attributes are printed as `16: 00 06` under their code. */
function rareAttribute(name: string, text: string): string | undefined {
  switch (name) {
    case 'atomic_aggr':
      return 'ATOMIC_AGGREGATE';
    case 'aggregator':
      return `AGGREGATOR ${text.replace(/^(\S+) AS(\d+)$/, '$2 $1')}`;
    case 'otc':
      return `OTC ${text}`;
    case 'aigp':
      return 'AIGP';
    default:
      return /^[0-9a-f]{1,2}$/.test(name)
        ? `${Number.parseInt(name, 16)} ${text.replaceAll(' ', '')}`
        : undefined;
  }
}

/** `(64512,1) (64512,2)` as `64512:1` and `64512:2`. */
const tuples = (text = ''): readonly string[] =>
  [...text.matchAll(/\((.*?)\)/g)].map(([, inner = '']) => inner.replaceAll(/, ?/g, ':'));

/** BIRD 2 has no name for it: type and subtype, an AS number, and the bits of a float. */
const LINK_BANDWIDTH = /^unknown 0x[04]?0*4:\d+:(\d+)$/;

function floatOf(bits: string): number {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(Number(bits));
  return octets.readFloatBE();
}
