import type { Family } from '../../src/net/family.ts';
import { answers, Lacks } from '../eventually.ts';
import type { Host, Program } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  communitiesOf,
  isIpv6,
  type NeighborConfig,
  type Refreshes,
  type Route,
  type Session,
  type Speaker,
  type SpeakerConfig,
  type StartOptions,
} from '../speaker.ts';
import { gobgpConfig } from './gobgp-config.ts';

const FAMILIES: Readonly<Record<Family, string>> = {
  'ipv4-unicast': 'ipv4',
  'ipv6-unicast': 'ipv6',
};
const ESTABLISHED = 6;

/** GoBGP's gobgpd, asked through its own `gobgp`. */
export class GoBgp implements Speaker {
  readonly product = 'gobgp';
  readonly host: Host;
  #config: SpeakerConfig;
  #daemon: Program | undefined;

  constructor(host: Host, config: SpeakerConfig) {
    this.host = host;
    this.#config = config;
  }

  async start({ config, restart }: StartOptions = {}): Promise<void> {
    this.#config = config ?? this.#config;
    const file = this.host.write('gobgpd.json', gobgpConfig(this.#config, this.host));
    const recover = restart ? ['--graceful-restart'] : [];
    const api = ['--api-hosts', '127.0.0.1:50051', '--pprof-disable'];
    const argv = ['/usr/bin/gobgpd', '-t', 'json', '-f', file, ...api, ...recover];
    this.#daemon = this.host.start('gobgpd', [...named(this.#config), ...argv]);
    await answers(this.#daemon, () => this.#ask('global'));
    for (const prefix of this.#config.networks ?? []) await this.#add({ prefix });
    for (const each of this.#config.announcements ?? []) await this.#add(each);
  }

  reconfigure(): Promise<void> {
    throw new Lacks('gobgpd reads no changed neighbours');
  }

  async sessions(): Promise<readonly Session[]> {
    const rows = JSON.parse(await this.#ask('-j', 'neighbor')) as readonly GoBgpNeighbor[];
    return this.#config.neighbors.map((neighbor) => {
      const row = rows.find(({ state }) => state.neighbor_address === addressOf(neighbor));
      const state = row?.state.session_state ?? 0;
      return {
        neighbor: neighbor.host.name,
        state: `state ${state}`,
        established: state === ESTABLISHED,
      };
    });
  }

  async routes(family: Family): Promise<readonly Route[]> {
    const text = await this.#ask('-j', 'global', 'rib', '-a', FAMILIES[family]);
    const table = JSON.parse(text) as Readonly<Record<string, readonly GoBgpPath[]>>;
    return Object.values(table).flatMap((paths) =>
      paths.filter((path) => path['source-id'] !== undefined).map(routeOf),
    );
  }

  async reset(neighbor: NeighborConfig, text?: string): Promise<void> {
    const reason = text === undefined ? [] : ['--reason', text];
    await this.#ask('neighbor', addressOf(neighbor), 'reset', ...reason);
  }

  /** What a NOTIFICATION says is in its log alone. */
  async shown(neighbor: NeighborConfig): Promise<string> {
    return `${await this.#ask('neighbor', addressOf(neighbor))}${this.#daemon?.output()}`;
  }

  async refresh(neighbor: NeighborConfig, direction: 'in' | 'out'): Promise<void> {
    await this.#ask('neighbor', addressOf(neighbor), `softreset${direction}`);
  }

  async refreshes(): Promise<Refreshes | undefined> {
    return undefined;
  }

  bfdUp(): Promise<boolean> {
    throw new Lacks('no BFD');
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

  async #add(announcement: Announcement): Promise<void> {
    const { prefix } = announcement;
    const family = isIpv6(prefix) ? 'ipv6' : 'ipv4';
    const nextHop = ['nexthop', this.host[family]];
    const add = ['global', 'rib', '-a', family, 'add', prefix, ...nextHop];
    await this.#ask(...add, ...attributesOf(announcement));
  }

  #ask(...question: readonly string[]): Promise<string> {
    return this.host.run(['/usr/bin/gobgp', ...question]);
  }
}

/** It always tells its neighbours the machine's host name. */
const named = ({ hostName }: SpeakerConfig): readonly string[] =>
  hostName === undefined
    ? []
    : ['unshare', '--uts', '/bin/sh', '-c', 'hostname "$0" && exec "$@"', hostName];

interface GoBgpNeighbor {
  readonly state: { readonly neighbor_address?: string; readonly session_state?: number };
}

interface GoBgpPath {
  readonly nlri: { readonly prefix: string };
  readonly best?: boolean;
  readonly 'source-id'?: string;
  readonly attrs: readonly {
    readonly type: number;
    readonly nexthop?: string;
    readonly value?: unknown;
    readonly metric?: number;
    readonly communities?: readonly number[];
    readonly as_paths?: readonly GoBgpSegment[];
  }[];
}

interface GoBgpSegment {
  /** 1 set, 2 sequence, 3 sequence of a confederation, 4 set of one. */
  readonly segment_type: number;
  readonly asns?: readonly number[];
}

/** As words of `gobgp global rib add`. */
function attributesOf(announcement: Announcement): readonly string[] {
  const { path, asSet, med, localPref, communities, largeCommunities } = announcement;
  const { routeTarget } = announcement;
  const set = asSet === undefined ? [] : [`{${asSet.join(',')}}`];
  const asPath = [...(path ?? []), ...set].join(' ');
  return [
    ...(asPath === '' ? [] : ['aspath', asPath]),
    ...(med === undefined ? [] : ['med', `${med}`]),
    ...(localPref === undefined ? [] : ['local-pref', `${localPref}`]),
    ...(communities === undefined ? [] : ['community', communities.join(',')]),
    ...(largeCommunities === undefined ? [] : ['large-community', largeCommunities.join(',')]),
    ...(routeTarget === undefined ? [] : ['rt', routeTarget]),
  ];
}

/** Attributes by their type codes. */
function routeOf({ nlri, best, attrs }: GoBgpPath): Route {
  const find = (type: number) => attrs.find((attribute) => attribute.type === type);
  const asPath = (find(2)?.as_paths ?? []).map(segmentText).join(' ');
  const localPref = find(5)?.value;
  const med = find(4)?.metric;
  const originatorId = find(9)?.value;
  const clusterList = find(10)?.value;
  return {
    prefix: nlri.prefix,
    best: best === true,
    nextHop: find(3)?.nexthop ?? find(14)?.nexthop ?? '',
    asPath,
    ...(typeof localPref === 'number' ? { localPref } : {}),
    ...(med === undefined ? {} : { med }),
    ...communitiesOf(
      find(8)?.communities?.map((each) => `${each >>> 16}:${each & 0xffff}`),
      largeOf(find(32)?.value),
    ),
    ...extendedOf(find(16)?.value),
    ...(typeof originatorId === 'string' ? { originatorId } : {}),
    ...(isTexts(clusterList) ? { clusterList } : {}),
  };
}

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value);

function segmentText({ segment_type: type, asns = [] }: GoBgpSegment): string {
  const text = asns.join(' ');
  if (type === 1) return `{${text}}`;
  return type === 3 ? `(${text})` : text;
}

interface LargeCommunity {
  readonly ASN: number;
  readonly LocalData1: number;
  readonly LocalData2: number;
}

const largeOf = (value: unknown): readonly string[] =>
  ((value ?? []) as readonly LargeCommunity[]).map(
    (each) => `${each.ASN}:${each.LocalData1}:${each.LocalData2}`,
  );

interface ExtendedCommunity {
  readonly subtype: number;
  readonly value?: string;
  /** Octets per second. */
  readonly bandwidth?: number;
}

/** Of the subtypes 2 is a route target, 4 Link Bandwidth. */
function extendedOf(value: unknown): Pick<Route, 'routeTarget' | 'linkBandwidth'> {
  const all = (value ?? []) as readonly ExtendedCommunity[];
  const routeTarget = all.find(({ subtype }) => subtype === 2)?.value;
  const linkBandwidth = all.find(({ subtype }) => subtype === 4)?.bandwidth;
  return {
    ...(routeTarget === undefined ? {} : { routeTarget }),
    ...(linkBandwidth === undefined ? {} : { linkBandwidth }),
  };
}
