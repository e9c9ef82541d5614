import { communitiesOf, type Route } from '../speaker.ts';

interface FrrPath {
  readonly aspath?: { readonly string?: string };
  readonly bestpath?: { readonly overall?: boolean };
  readonly nexthops?: readonly { readonly ip?: string; readonly scope?: string }[];
  readonly originatorId?: string;
  readonly clusterList?: { readonly list?: readonly string[] };
  readonly sourced?: boolean;
  readonly peer?: { readonly peerId?: string };
  readonly locPrf?: number;
  readonly metric?: number;
  readonly atomicAggregate?: boolean;
  readonly aggregatorAs?: number;
  readonly aggregatorId?: string;
  readonly community?: { readonly string: string };
  readonly extendedCommunity?: { readonly string: string };
  readonly largeCommunity?: { readonly string: string };
}

/** FRR's names of well-known communities. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  'no-peer': '65535:65284',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'local-AS': '65535:65283',
};

/** What `show bgp … json detail` has of a prefix: until FRR 9 a header before its paths. */
type FrrPrefix = readonly FrrPath[] | { readonly paths: readonly FrrPath[] };

/** Reads `show bgp … json detail`; routes of its own are left out. */
export function parseFrrRoutes(text: string): readonly Route[] {
  const { routes = {} } = JSON.parse(text) as {
    readonly routes?: Readonly<Record<string, FrrPrefix>>;
  };
  return Object.entries(routes).flatMap(([prefix, entry]) => {
    const entries = 'paths' in entry ? entry.paths : entry;
    const paths = entries.filter(({ nexthops, sourced }) => nexthops !== undefined && !sourced);
    return paths.map((path) => routeOf(prefix, path));
  });
}

function routeOf(prefix: string, path: FrrPath): Route {
  const nextHops = path.nexthops ?? [];
  const nextHop = nextHops.find(({ scope }) => scope !== 'link-local') ?? nextHops[0];
  const asPath = path.aspath?.string ?? '';
  const extended = path.extendedCommunity?.string ?? '';
  const routeTarget = /\bRT:(\S+)/.exec(extended)?.[1];
  const bandwidth = /\bLB:\d+:(\d+)/.exec(extended)?.[1];
  return {
    prefix,
    best: path.bestpath?.overall === true,
    nextHop: nextHop?.ip ?? '',
    asPath: asPath === 'Local' ? '' : asPath.replaceAll(',', ' '),
    ...(path.locPrf === undefined ? {} : { localPref: path.locPrf }),
    ...(path.metric === undefined ? {} : { med: path.metric }),
    ...communitiesOf(
      path.community?.string.split(' ').map((each) => WELL_KNOWN[each] ?? each),
      path.largeCommunity?.string.split(' '),
    ),
    ...(routeTarget === undefined ? {} : { routeTarget }),
    ...(bandwidth === undefined ? {} : { linkBandwidth: Number(bandwidth) }),
    ...(path.originatorId === undefined ? {} : { originatorId: path.originatorId }),
    ...(path.clusterList?.list === undefined ? {} : { clusterList: path.clusterList.list }),
    ...(path.peer?.peerId === undefined ? {} : { from: path.peer.peerId }),
    attributes: rareAttributes(path),
  };
}

/** FRR tells nothing of attributes that it does not know. */
function rareAttributes(path: FrrPath): readonly string[] {
  const { atomicAggregate, aggregatorAs, aggregatorId } = path;
  return [
    ...(atomicAggregate ? ['ATOMIC_AGGREGATE'] : []),
    ...(aggregatorAs === undefined ? [] : [`AGGREGATOR ${aggregatorAs} ${aggregatorId}`]),
    ...(path.extendedCommunity === undefined ? [] : ['EXTENDED_COMMUNITIES']),
  ];
}
