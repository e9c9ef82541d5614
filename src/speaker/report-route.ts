import { formatAddress, formatIpv4Number } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { PathInfo } from '../rib/types.ts';
import type { AsPathSegment, PathAttributes } from '../wire/path-attributes.ts';
import { iso } from './iso.ts';
import type { RouteRow } from './route-row.ts';

/** A path as plain JSON. */
export function reportRoute(path: PathInfo): RouteRow {
  const { prefix, family, source, peer, pathId, state, reason, stale, attributes, local } = path;
  const { gateway, interface: device } = path.reached ?? {};
  return {
    prefix: formatPrefix(prefix),
    family,
    ...(pathId !== undefined && { pathId }),
    source,
    ...(peer !== undefined && { peer }),
    state,
    reason,
    stale,
    ...(local?.gateway !== undefined && { nextHop: formatAddress(local.gateway) }),
    ...(local !== undefined && local.interface !== '' && { interface: local.interface }),
    ...(gateway !== undefined && { gateway }),
    ...(device !== undefined && device !== '' && { interface: device }),
    ...(local !== undefined && { type: local.type }),
    preference: path.preference,
    ...(local?.metric !== undefined && { metric: local.metric }),
    ...(attributes !== undefined && reportAttributes(attributes)),
    since: iso(path.since),
  };
}

function reportAttributes(attributes: PathAttributes): Partial<RouteRow> {
  const { nextHop, origin, asPath, localPref, med, originatorId, clusterList } = attributes;
  const communities = [
    ...attributes.communities.map((value) => `${value >>> 16}:${value & 0xffff}`),
    ...attributes.largeCommunities.map((at) => `${at.global}:${at.local1}:${at.local2}`),
  ];
  return {
    ...(nextHop !== undefined && { nextHop: formatAddress(nextHop) }),
    ...(origin !== undefined && { origin }),
    ...(asPath !== undefined && { asPath: asPath.map(segmentText).join(' ') }),
    ...(localPref !== undefined && { localPref }),
    ...(med !== undefined && { med }),
    ...(communities.length > 0 && { communities }),
    ...(originatorId !== undefined && { originatorId: formatIpv4Number(originatorId) }),
    ...(clusterList.length > 0 && { clusterList: clusterList.map(formatIpv4Number) }),
    ...reportRareAttributes(attributes),
  };
}

function reportRareAttributes(attributes: PathAttributes): Partial<RouteRow> {
  const { atomicAggregate, aggregator, otc, unknown } = attributes;
  const { extendedCommunities: extended, ipv6ExtendedCommunities: ipv6Extended } = attributes;
  return {
    ...(atomicAggregate && { atomicAggregate }),
    ...(aggregator !== undefined && {
      aggregator: { asn: aggregator.asn, address: formatIpv4Number(aggregator.address) },
    }),
    ...(extended.length > 0 && { extCommunities: extended.map(hexOf) }),
    ...(ipv6Extended.length > 0 && { ipv6ExtCommunities: ipv6Extended.map(hexOf) }),
    ...(otc !== undefined && { otc }),
    ...(unknown.length > 0 && {
      other: unknown.map(({ type, flags, value }) => ({ type, flags, hex: hexOf(value) })),
    }),
  };
}

const hexOf = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

function segmentText({ type, asns }: AsPathSegment): string {
  switch (type) {
    case 'sequence':
      return asns.join(' ');
    case 'set':
      return `{${asns.join(' ')}}`;
    case 'confed-sequence':
      return `(${asns.join(' ')})`;
    case 'confed-set':
      return `[${asns.join(' ')}]`;
  }
}
