import { parseAddress, parseIpv4Number } from '../../src/net/address.ts';
import type { Family } from '../../src/net/family.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../../src/wire/path-attributes.ts';
import type { UpdateContent } from '../../src/wire/update.ts';
import type { BirdPeer } from '../../test/confd/bird/meaning.ts';

/** LOCAL_PREF of a route of normal priority, metric 1024, from a Calico node. */
const NORMAL = 2_147_482_623;
/** Of one that is more urgent: metric 512. */
const URGENT = 2_147_483_135;

/** What kernel and peers tell about one family, the same to both speakers. */
export interface Surroundings {
  readonly size: 4 | 16;
  readonly family: Family;
  /** Prefixes that the configuration has a rule for, and one that none is about. */
  readonly prefixes: readonly Prefix[];
  /** On the segment and nobody's. */
  readonly neighbors: readonly [string, string];
  /** Somewhere behind the router. */
  readonly remote: string;
  /** In a network that the kernel knows to be unreachable. */
  readonly unreachable: string;
}

export const UNREACHABLE = { 4: '198.51.100.0/24', 16: 'fd51:100::/64' } as const;

export function surroundingsOf(texts: readonly string[], size: 4 | 16): Surroundings {
  const written = texts.join('\n').match(/[0-9a-f.:]+\/\d+/g) ?? [];
  const outside = size === 4 ? '172.31.5.0/24' : 'fd99::/64';
  const known = [...new Set([...written, outside])].flatMap((text) => parsePrefix(text) ?? []);
  return {
    size,
    family: size === 4 ? 'ipv4-unicast' : 'ipv6-unicast',
    prefixes: known.filter(({ address }) => address.length === size),
    neighbors: size === 4 ? ['10.77.0.9', '10.77.0.10'] : ['fd77::9', 'fd77::10'],
    remote: size === 4 ? '203.0.113.9' : 'fd13:113::9',
    unreachable: size === 4 ? '198.51.100.9' : 'fd51:100::9',
  };
}

/** The routes that `ip -batch` adds on the node: what Felix, an operator and others put there. */
export function kernelCommands(around: Surroundings): readonly string[] {
  const { remote, prefixes } = around;
  const [first, second] = around.neighbors;
  const ways = [
    'dev cali1 proto 80 metric 1024',
    'dev cali1 proto 80 metric 512',
    'dev cali1 proto 80 metric 5000',
    'dev cali1 proto 80',
    `via ${first} dev eth0 proto static metric 1024`,
    `via ${remote} dev tunl0 onlink proto 80 metric 1024`,
    `via ${remote} dev vxlan.calico onlink proto 80 metric 1024`,
    `via ${remote} dev wireguard.cali onlink proto 80 metric 1024`,
    'dev bpfin.cali proto 80 metric 1024',
    'metric 1024 proto 80 type blackhole',
    'metric 1024 proto 80 type unreachable',
    `metric 1024 proto static nexthop via ${first} dev eth0 nexthop via ${second} dev eth0`,
  ];
  const add = (prefix: Prefix, way: string): string => {
    const [, type = ''] = / type (\w+)$/.exec(way) ?? [];
    return `route add ${type} ${formatPrefix(prefix)} ${way.replace(/ type \w+$/, '')}`;
  };
  return prefixes.flatMap((prefix) =>
    roomy(prefix)
      ? ways.map((way, index) => add(hostOf(prefix, 200 + index), way))
      : ways.slice(0, 2).map((way, index) => add(hostOf(prefix, index + 1), way)),
  );
}

/** A prefix whose last octet is all host bits. */
const roomy = ({ address, length }: Prefix): boolean => length <= address.length * 8 - 8;

/** The host route `number` places behind the first address of `prefix`, or the last that is in it. */
function hostOf({ address, length }: Prefix, number: number): Prefix {
  const bits = address.length * 8;
  const most = 2 ** Math.min(8, bits - length) - 1;
  const host = Uint8Array.from(address);
  host[host.length - 1] = (host.at(-1) ?? 0) + Math.min(number, most);
  return { address: host, length: bits };
}

interface Teller {
  readonly around: Surroundings;
  readonly peer: BirdPeer;
  readonly index: number;
  readonly routerId: string;
}

/** What the peer with this place among the peers tells the node. */
export function updatesOf(teller: Teller): readonly UpdateContent[] {
  const { around, index } = teller;
  const announce = (prefix: Prefix, over: Partial<PathAttributes>): UpdateContent => ({
    type: 'announce',
    family: around.family,
    routes: [{ prefix, pathId: 1 }],
    attributes: { ...plain(teller), ...over },
  });
  const variants = variantsOf(teller);
  return around.prefixes.flatMap((prefix) => {
    const itself = announce(prefix, { localPref: index === 1 ? URGENT : NORMAL });
    if (!roomy(prefix)) return [itself, announce(hostOf(prefix, 2), { localPref: URGENT })];
    const own = variants.map((over, at) => announce(hostOf(prefix, index * 20 + at), over));
    // One that every peer has, and ones that the kernel has as well.
    const common = [250, 200, 201, 203].map((number) => announce(hostOf(prefix, number), {}));
    return [itself, ...own, ...common];
  });
}

function plain({ peer }: Teller): PathAttributes {
  const internal = peer.asn === peer.localAsn;
  return {
    ...NO_ATTRIBUTES,
    origin: 'igp',
    asPath: internal ? [] : [{ type: 'sequence', asns: [peer.asn] }],
    nextHop: parseAddress(peer.address),
    localPref: internal ? NORMAL : undefined,
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
    { communities: [0xffffff01] },
    { communities: [0xffffff02] },
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

const LARGE = { global: 64512, local1: 3, local2: 4 };
const ipv4 = (text: string): number => parseIpv4Number(text) ?? 0;
const community = (high: number, low: number): number => high * 0x10000 + low;
