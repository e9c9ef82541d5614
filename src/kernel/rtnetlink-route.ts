import { formatAddress, parseAddress } from '../net/address.ts';
import { type Prefix, prefixFamily } from '../net/prefix.ts';
import { type KernelRoute, type KernelRouteType, type NextHop, storedMetric } from './kernel.ts';
import {
  Attributes,
  NetlinkFormatError,
  type NetlinkMessage,
  type NetlinkWriter,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  requireFixed,
} from './netlink-message.ts';

export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
const RTM_GETROUTE = 26;

const AF_INET = 2;
const AF_INET6 = 10;
const RTA_DST = 1;
const RTA_IIF = 3;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RTA_VIA = 18;
const RTA_NH_ID = 30;
const RTM_F_CLONED = 0x200;
const RTNH_F_ONLINK = 4;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RT_SCOPE_NOWHERE = 255;

const TYPE_CODES: Readonly<Record<KernelRouteType, number>> = {
  unicast: 1,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};
const TYPES = new Map(
  Object.entries(TYPE_CODES).map(([type, code]) => [code, type as KernelRouteType]),
);

/** Why a route message is left out; `ROUTE_SKIPS` has a name and a line of text for each. */
export const RouteSkip = {
  family: 0,
  type: 1,
  cloned: 2,
  tos: 3,
  source: 4,
  nexthopObject: 5,
} as const;

export type RouteSkipCode = (typeof RouteSkip)[keyof typeof RouteSkip];

export const ROUTE_SKIPS: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'other-family', text: 'the route is neither IPv4 nor IPv6' },
  { name: 'other-type', text: 'only unicast, blackhole, unreachable and prohibit routes count' },
  { name: 'cached', text: 'the route is a cache entry' },
  { name: 'tos', text: 'the route is for one type of service' },
  { name: 'source-specific', text: 'the route is for one source or incoming interface' },
  { name: 'nexthop-object', text: 'the route shows a nexthop object in place of its next hops' },
];

/** A next hop by the index of its interface; 0 for none. */
export interface RawNextHop extends Omit<NextHop, 'interface'> {
  readonly index: number;
}

export interface RawRoute extends Omit<KernelRoute, 'nextHops'> {
  readonly nextHops: readonly RawNextHop[];
}

/**
 * RTM_NEWROUTE and RTM_DELROUTE.
 *
 *   family 1 | destination length 1 | source length 1 | tos 1 |
 *   table 1 | protocol 1 | scope 1 | type 1 | flags 4 | attributes
 */
export function decodeRoute(message: NetlinkMessage): RawRoute | RouteSkipCode {
  requireFixed(message, 12);
  const { bytes, start, end } = message;
  const family = bytes.readUInt8(start);
  if (family !== AF_INET && family !== AF_INET6) return RouteSkip.family;
  const type = TYPES.get(bytes.readUInt8(start + 7));
  if (type === undefined) return RouteSkip.type;
  const flags = bytes.readUInt32LE(start + 8);
  if ((flags & RTM_F_CLONED) !== 0) return RouteSkip.cloned;
  if (family === AF_INET && bytes.readUInt8(start + 3) !== 0) return RouteSkip.tos;
  const attributes = new Attributes(bytes, start + 12, end);
  if (bytes.readUInt8(start + 2) !== 0 || attributes.has(RTA_IIF)) return RouteSkip.source;
  const nextHops = type === 'unicast' ? decodeNextHops(attributes, flags) : [];
  if (type === 'unicast' && nextHops.length === 0) return RouteSkip.nexthopObject;
  return {
    prefix: decodePrefix(
      bytes,
      attributes,
      family === AF_INET ? 4 : 16,
      bytes.readUInt8(start + 1),
    ),
    type,
    nextHops,
    metric: attributes.u32(RTA_PRIORITY) ?? 0,
    protocol: bytes.readUInt8(start + 5),
    table: attributes.u32(RTA_TABLE) ?? bytes.readUInt8(start + 4),
  };
}

function decodePrefix(bytes: Buffer, attributes: Attributes, size: number, length: number): Prefix {
  if (length > size * 8) throw new NetlinkFormatError(`prefix length ${length} is too long`);
  const address = new Uint8Array(size);
  const start = attributes.start(RTA_DST, size);
  if (start !== 0) {
    for (let index = 0; index < size; index++) address[index] = bytes[start + index] as number;
  } else if (length > 0) throw new NetlinkFormatError('a route has no destination');
  return { address, length };
}

function decodeNextHops(attributes: Attributes, flags: number): readonly RawNextHop[] {
  const multipath = attributes.value(RTA_MULTIPATH, 0);
  if (multipath !== undefined) return decodeMultipath(multipath);
  const index = attributes.u32(RTA_OIF) ?? 0;
  const gateway = decodeGateway(attributes);
  if (index === 0 && gateway === undefined && attributes.has(RTA_NH_ID)) return [];
  return [{ gateway, index, onlink: (flags & RTNH_F_ONLINK) !== 0, weight: 1 }];
}

/**
 * RTA_MULTIPATH, one record for each next hop.
 *
 *   length 2 | flags 1 | weight - 1, 1 | index 4 | attributes
 */
function decodeMultipath(value: Buffer): readonly RawNextHop[] {
  const hops: RawNextHop[] = [];
  let at = 0;
  while (value.length - at >= 8) {
    const length = value.readUInt16LE(at);
    if (length < 8 || length > value.length - at) {
      throw new NetlinkFormatError(`next hop length ${length} does not fit the route`);
    }
    hops.push({
      gateway: decodeGateway(new Attributes(value, at + 8, at + length)),
      index: value.readUInt32LE(at + 4),
      onlink: (value.readUInt8(at + 2) & RTNH_F_ONLINK) !== 0,
      weight: value.readUInt8(at + 3) + 1,
    });
    at += (length + 3) & ~3;
  }
  return hops;
}

/** RTA_GATEWAY, or RTA_VIA (family 2 | address) for a gateway of the other family. */
function decodeGateway(attributes: Attributes): string | undefined {
  const gateway = attributes.value(RTA_GATEWAY, 4);
  if (gateway !== undefined) return addressText(gateway);
  const via = attributes.value(RTA_VIA, 6);
  return via && addressText(via.subarray(2));
}

function addressText(value: Buffer): string {
  if (value.length !== 4 && value.length !== 16) {
    throw new NetlinkFormatError(`a gateway has ${value.length} octets`);
  }
  return formatAddress(value);
}

export type RouteRequest = 'add' | 'replace' | 'remove';

const REQUESTS: Readonly<Record<RouteRequest, readonly [type: number, flags: number]>> = {
  add: [RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL],
  replace: [RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_REPLACE],
  remove: [RTM_DELROUTE, NLM_F_REQUEST | NLM_F_ACK],
};

/**
 * One programming request. A removal names prefix, metric and protocol; for IPv6 also the next
 * hops, since without them others' next hops at the same metric would go as well.
 */
export function encodeRoute(
  out: NetlinkWriter,
  request: RouteRequest,
  route: RawRoute,
  sequence: number,
): void {
  const { prefix, nextHops } = route;
  const [type, flags] = REQUESTS[request];
  const removal = request === 'remove';
  const start = out.begin(type, flags, sequence);
  const hops = removal && prefix.address.length === 4 ? [] : nextHops;
  const single = hops.length === 1 ? hops[0] : undefined;
  const scope = removal ? RT_SCOPE_NOWHERE : scopeOf(nextHops);
  const typeCode = removal ? 0 : TYPE_CODES[route.type];
  out.octets(familyCode(prefix), prefix.length, 0, 0, 0, route.protocol, scope, typeCode);
  out.u32(single?.onlink === true ? RTNH_F_ONLINK : 0);
  out.attribute(RTA_DST, prefix.address);
  out.attributeU32(RTA_TABLE, route.table);
  const metric = storedMetric(prefix, route.metric);
  if (metric !== 0) out.attributeU32(RTA_PRIORITY, metric);
  if (single !== undefined) {
    encodeGateway(out, single, prefix);
    if (single.index !== 0) out.attributeU32(RTA_OIF, single.index);
  } else if (hops.length > 1) {
    encodeMultipath(out, hops, prefix);
  }
  out.end(start);
}

/** True when the kernel shows a route in the words in which it was written. */
export function isShownAsWritten({ prefix, type, nextHops, metric }: KernelRoute): boolean {
  if (storedMetric(prefix, metric) !== metric) return false;
  const [hop] = nextHops;
  if (hop === undefined || type !== 'unicast') return hop === undefined && type !== 'unicast';
  return nextHops.length === 1 && hop.interface !== '' && hop.weight === 1;
}

/** Asks for the routes of one table and family. */
export function encodeRouteDump(
  out: NetlinkWriter,
  family: 4 | 6,
  table: number,
  sequence: number,
): void {
  const start = out.begin(RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, sequence);
  out.octets(family === 4 ? AF_INET : AF_INET6, 0, 0, 0, 0, 0, 0, 0);
  out.u32(0);
  out.attributeU32(RTA_TABLE, table);
  out.end(start);
}

function encodeMultipath(
  out: NetlinkWriter,
  nextHops: readonly RawNextHop[],
  prefix: Prefix,
): void {
  const multipath = out.open(RTA_MULTIPATH);
  for (const hop of nextHops) {
    const start = out.open((hop.onlink ? RTNH_F_ONLINK : 0) | ((hop.weight - 1) << 8));
    out.u32(hop.index);
    encodeGateway(out, hop, prefix);
    out.close(start);
  }
  out.close(multipath);
}

function encodeGateway(out: NetlinkWriter, { gateway }: RawNextHop, prefix: Prefix): void {
  const address = gateway === undefined ? undefined : parseAddress(gateway);
  if (address === undefined) return;
  if (address.length === prefix.address.length) {
    out.attribute(RTA_GATEWAY, address);
    return;
  }
  const via = new Uint8Array(2 + address.length);
  via[0] = address.length === 4 ? AF_INET : AF_INET6;
  via.set(address, 2);
  out.attribute(RTA_VIA, via);
}

/** A next hop without gateway is on the link, and the kernel wants the scope to say so. */
const scopeOf = (nextHops: readonly RawNextHop[]): number =>
  nextHops.some((hop) => hop.gateway === undefined) ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;

const familyCode = (prefix: Prefix): number =>
  prefixFamily(prefix) === 'ipv4-unicast' ? AF_INET : AF_INET6;
