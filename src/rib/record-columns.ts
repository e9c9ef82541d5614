import { SEGMENT_TYPES } from '../wire/attributes/as-path.ts';
import { linkBandwidthOf } from '../wire/link-bandwidth.ts';
import { u32At } from '../wire/octets.ts';
import type { AsPathSegment, PathAttributes } from '../wire/path-attributes.ts';
import { type AttributeScan, asnAt } from '../wire/scan-attributes.ts';
import { grownU8, grownU16, grownU32, roomOf, staggered } from './columns.ts';

/** The received block may be sent on or reflected without decoding it. */
export const VERBATIM = 1;
/** RFC 7606 repaired something: whoever receives the block again says so again. */
export const REPAIRED = 2;
export const AS_SET = 4;
/** CLUSTER_LIST holds our own cluster id. */
export const OWN_CLUSTER = 8;
export const NO_EXPORT = 16;
export const NO_ADVERTISE = 32;
export const LLGR_STALE_COMMUNITY = 64;
/** A policy gave the route a MED, so that it may cross into another AS. */
export const MED_SET = 128;
/** A policy or the lack of a gateway makes us the next hop. */
export const NEXT_HOP_SELF = 256;
/** Only to Customer, RFC 9234. */
export const OTC = 512;
/** Link Bandwidth (draft-ietf-idr-link-bandwidth). */
export const LINK_BANDWIDTH = 1024;
/** Not to be kept for long-lived graceful restart (RFC 9494). */
export const NO_LLGR = 2048;
/** GRACEFUL_SHUTDOWN, RFC 8326. */
export const GRACEFUL_SHUTDOWN = 4096;

const COMMUNITY_FLAGS: ReadonlyMap<number, number> = new Map([
  [0xffffff01, NO_EXPORT],
  [0xffffff02, NO_ADVERTISE],
  [0xffffff03, NO_EXPORT],
  [0xffff0000, GRACEFUL_SHUTDOWN],
  [0xffff0006, LLGR_STALE_COMMUNITY],
  [0xffff0007, NO_LLGR],
]);

/** LOCAL_PREF of a route that has none. */
const DEFAULT_LOCAL_PREF = 100;
const LEAST = 64;
const ORIGINS = ['igp', 'egp', 'incomplete'] as const;

/** What the decision and the export rules look at, one column each, filled once for a record. */
export class RecordColumns {
  flags: Uint16Array = new Uint16Array(staggered(LEAST, 0));
  localPrefs: Uint32Array = new Uint32Array(staggered(LEAST, 2));
  asLengths: Uint16Array = new Uint16Array(staggered(LEAST, 4));
  origins: Uint8Array = new Uint8Array(staggered(LEAST, 6));
  meds: Uint32Array = new Uint32Array(staggered(LEAST, 8));
  neighbourAsns: Uint32Array = new Uint32Array(staggered(LEAST, 10));
  /** ORIGINATOR_ID; 0 when absent. */
  originators: Uint32Array = new Uint32Array(staggered(LEAST, 12));
  clusterLengths: Uint16Array = new Uint16Array(staggered(LEAST, 14));
  /** How often the session's own AS number is in AS_PATH. */
  ownAsns: Uint16Array = new Uint16Array(staggered(LEAST, 1));
  nextHops: Uint32Array = new Uint32Array(staggered(LEAST, 3));
  #room = 0;

  fill(
    id: number,
    attributes: PathAttributes,
    localAsn: number,
    clusterId: number | undefined,
  ): void {
    const path = attributes.asPath ?? [];
    let flags = 0;
    for (const community of attributes.communities) flags |= COMMUNITY_FLAGS.get(community) ?? 0;
    if (path.some(({ type }) => type === 'set' || type === 'confed-set')) flags |= AS_SET;
    if (clusterId !== undefined && attributes.clusterList.includes(clusterId)) flags |= OWN_CLUSTER;
    if (attributes.otc !== undefined) flags |= OTC;
    if (linkBandwidthOf(attributes.extendedCommunities) !== undefined) flags |= LINK_BANDWIDTH;
    this.flags[id] = flags;
    this.localPrefs[id] = attributes.localPref ?? DEFAULT_LOCAL_PREF;
    this.asLengths[id] = asPathLength(path);
    this.origins[id] = attributes.origin === undefined ? 2 : ORIGINS.indexOf(attributes.origin);
    this.meds[id] = attributes.med ?? 0;
    this.neighbourAsns[id] = neighbourAsn(path);
    this.originators[id] = attributes.originatorId ?? 0;
    this.clusterLengths[id] = attributes.clusterList.length;
    this.ownAsns[id] = countAsn(path, localAsn);
  }

  /** The same from a block that `scanAttributes` found usual; AS numbers have `size` octets. */
  fillScanned(
    id: number,
    bytes: Uint8Array,
    scan: AttributeScan,
    size: 2 | 4,
    localAsn: number,
    clusterId: number | undefined,
  ): void {
    const { communitiesStart, communitiesEnd, clusterListStart, clusterListEnd } = scan;
    let flags = 0;
    for (let at = communitiesStart; at < communitiesEnd; at += 4) {
      // Well-known communities, RFC 1997: all that has a meaning here begins with 0xffff.
      if (bytes[at] === 0xff) flags |= COMMUNITY_FLAGS.get(u32At(bytes, at)) ?? 0;
    }
    for (let at = clusterListStart; at < clusterListEnd; at += 4) {
      if (u32At(bytes, at) === clusterId) flags |= OWN_CLUSTER;
    }
    this.flags[id] = flags;
    this.localPrefs[id] = scan.localPref ?? DEFAULT_LOCAL_PREF;
    this.origins[id] = scan.origin;
    this.meds[id] = scan.med ?? 0;
    this.originators[id] = scan.originatorId ?? 0;
    this.clusterLengths[id] = (clusterListEnd - clusterListStart) / 4;
    this.#fillPath(id, bytes, scan, size, localAsn);
  }

  /** What `asPathLength`, `neighbourAsn` and `countAsn` say of a path, read off its octets. */
  #fillPath(
    id: number,
    bytes: Uint8Array,
    { asPathStart, asPathEnd }: AttributeScan,
    size: 2 | 4,
    localAsn: number,
  ): void {
    let length = 0;
    let own = 0;
    let neighbour: number | undefined;
    for (let at = asPathStart; at < asPathEnd; ) {
      const type = SEGMENT_TYPES[bytes[at] as number];
      const count = bytes[at + 1] as number;
      const first = at + 2;
      at = first + count * size;
      if (type === 'sequence') length += count;
      else if (type === 'set') length++;
      if (type === 'sequence') neighbour ??= asnAt(bytes, first, size);
      else if (type === 'set') neighbour ??= 0;
      if (type === 'set' || type === 'confed-set') {
        this.flags[id] = (this.flags[id] as number) | AS_SET;
      }
      for (let asn = first; asn < at; asn += size) {
        if (asnAt(bytes, asn, size) === localAsn) own++;
      }
    }
    this.asLengths[id] = length;
    this.neighbourAsns[id] = neighbour ?? 0;
    this.ownAsns[id] = own;
  }

  /** The first id that they have no room for yet. */
  get room(): number {
    return this.#room;
  }

  grow(id: number): void {
    if (id < this.#room) return;
    this.flags = grownU16(this.flags, id);
    this.localPrefs = grownU32(this.localPrefs, id);
    this.asLengths = grownU16(this.asLengths, id);
    this.origins = grownU8(this.origins, id);
    this.meds = grownU32(this.meds, id);
    this.neighbourAsns = grownU32(this.neighbourAsns, id);
    this.originators = grownU32(this.originators, id);
    this.clusterLengths = grownU16(this.clusterLengths, id);
    this.ownAsns = grownU16(this.ownAsns, id);
    this.nextHops = grownU32(this.nextHops, id);
    this.#room = roomOf(
      this.flags,
      this.localPrefs,
      this.asLengths,
      this.origins,
      this.meds,
      this.neighbourAsns,
      this.originators,
      this.clusterLengths,
      this.ownAsns,
      this.nextHops,
    );
  }
}

/** RFC 4271 §9.1.2.2 (a) and RFC 5065 §5.3: a set counts 1, confederation segments nothing. */
function asPathLength(path: readonly AsPathSegment[]): number {
  let length = 0;
  for (const { type, asns } of path) {
    if (type === 'sequence') length += asns.length;
    else if (type === 'set') length++;
  }
  return length;
}

/** The AS that sent the route into ours; 0 for a route of our own AS. */
function neighbourAsn(path: readonly AsPathSegment[]): number {
  const first = path.find(({ type }) => type === 'sequence' || type === 'set');
  return first?.type === 'sequence' ? (first.asns[0] ?? 0) : 0;
}

function countAsn(path: readonly AsPathSegment[], asn: number): number {
  let count = 0;
  for (const { asns } of path) for (const each of asns) if (each === asn) count++;
  return count;
}
