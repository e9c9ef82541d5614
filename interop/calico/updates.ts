import { parseAddress, parseIpv4Number } from '../../src/net/address.ts';
import type { Prefix } from '../../src/net/prefix.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/wire/path-attributes.ts';
import type { UpdateContent } from '../../src/wire/update.ts';
import type { BirdPeer } from '../../test/confd/bird/meaning.ts';
import { contestsOf } from './contests.ts';
import { hostOf, isRoomy, type Surroundings } from './surroundings.ts';

/** LOCAL_PREF of a route of normal priority, metric 1024, from a Calico node. */
const NORMAL = 2_147_482_623;
/** Of one that is more urgent: metric 512. */
const URGENT = 2_147_483_135;

/** Hosts of a prefix: where those begin that all peers tell of differently, and ones that all tell. */
const CONTESTS = 220;
const COMMON = [250, 200, 201, 204];
/** Hosts that one peer alone tells of. */
const OWN = 20;

/** One of the peers, by its place among them. */
export interface Teller {
  readonly around: Surroundings;
  readonly peer: BirdPeer;
  readonly index: number;
  /** Of the node. */
  readonly routerId: string;
}

/** What a peer tells the node at first. */
export function firstUpdates(teller: Teller): readonly UpdateContent[] {
  const { around, index } = teller;
  const variants = variantsOf(teller);
  const contests = contestsOf(teller);
  const announce = announcer(teller);
  return around.prefixes.flatMap((prefix) => {
    const itself = announce(prefix, { localPref: index === 1 ? URGENT : NORMAL });
    if (!isRoomy(prefix)) return [itself, announce(hostOf(prefix, 2), { localPref: URGENT })];
    return [
      itself,
      ...variants.map((over, at) => announce(hostOf(prefix, index * OWN + at), over)),
      ...contests.map((over, at) => announce(hostOf(prefix, CONTESTS + at), over)),
      ...COMMON.map((number) => announce(hostOf(prefix, number), {})),
    ];
  });
}

/** What it tells later: the first peer takes things back, every one changes a path. */
export function laterUpdates(teller: Teller): readonly UpdateContent[] {
  const { around, index } = teller;
  const contests = contestsOf(teller);
  const announce = announcer(teller);
  return around.prefixes.flatMap((prefix) => {
    const gone = isRoomy(prefix)
      ? [...COMMON, ...contests.map((_, at) => CONTESTS + at), 0, 1].map((at) => hostOf(prefix, at))
      : [prefix];
    const routes = gone.map((at) => ({ prefix: at, pathId: 1 }));
    return [
      ...(index === 0 ? [{ type: 'withdraw', family: around.family, routes } as const] : []),
      announce(hostOf(prefix, index * OWN + 4), { communities: [community(64512, 8)] }),
    ];
  });
}

type Announcer = (prefix: Prefix, over: Partial<PathAttributes>) => UpdateContent;

/** An eBGP peer says no LOCAL_PREF, whatever else. */
function announcer({ peer, around }: Teller): Announcer {
  const internal = peer.asn === peer.localAsn;
  const plain: PathAttributes = {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: internal ? [] : [{ type: 'sequence', asns: [peer.asn] }],
    nextHop: parseAddress(peer.address),
    localPref: NORMAL,
  };
  return (prefix, over) => {
    const attributes = { ...plain, ...over };
    return {
      type: 'announce',
      family: around.family,
      routes: [{ prefix, pathId: 1 }],
      attributes: internal ? attributes : { ...attributes, localPref: undefined },
    };
  };
}

function variantsOf(teller: Teller): readonly Partial<PathAttributes>[] {
  const { around, peer, routerId } = teller;
  const internal = peer.asn === peer.localAsn;
  const path = (...asns: readonly number[]): Partial<PathAttributes> => ({
    asPath: [{ type: 'sequence', asns: internal ? asns : [peer.asn, ...asns] }],
  });
  const localPrefs = internal ? [NORMAL, 100, 0, NORMAL + 1, URGENT] : [];
  const reflected = { originatorId: ipv4('10.9.9.9'), clusterList: [ipv4('10.9.9.1')] };
  return [
    {},
    { communities: [community(64512, 7), community(65000, 1)], largeCommunities: [LARGE] },
    { communities: [NO_EXPORT] },
    { communities: [NO_ADVERTISE] },
    path(65010, 65020),
    path(65010, peer.localAsn),
    path(65010, peer.localAsn, peer.localAsn),
    { nextHop: parseAddress(around.neighbors[0]) },
    { nextHop: parseAddress(around.remote) },
    { nextHop: parseAddress(around.unreachable) },
    { med: 50, origin: 'incomplete', aggregator: { asn: 65010, address: ipv4('10.9.9.2') } },
    ...(internal
      ? [
          reflected,
          { ...reflected, originatorId: ipv4(routerId) },
          { ...reflected, clusterList: [ipv4(peer.clusterId ?? routerId)] },
        ]
      : []),
    ...localPrefs.map((localPref) => ({ localPref })),
  ];
}

const NO_EXPORT = 0xffffff01;
const NO_ADVERTISE = 0xffffff02;
const LARGE = { global: 64512, local1: 3, local2: 4 };
const ipv4 = (text: string): number => parseIpv4Number(text) ?? 0;
const community = (high: number, low: number): number => high * 0x10000 + low;
