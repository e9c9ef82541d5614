import { isConfedType, SEGMENT_TYPES } from './attributes/as-path.ts';
import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  OPTIONAL,
  OPTIONAL_TRANSITIVE,
  PARTIAL,
  WELL_KNOWN,
} from './attributes/attribute-row.ts';
import { isLinkBandwidthAt } from './link-bandwidth.ts';
import { u16At, u32At } from './octets.ts';
import type { CodecContext } from './path-attributes.ts';

/** Flags that an attribute may have or not without meaning anything else. */
const FREE_FLAGS = PARTIAL | EXTENDED_LENGTH;
/** LARGE_COMMUNITY, the greatest type here: its presence bit is that of type 0, which is none. */
const LARGE = 32;
/** Presence bits that every route needs: ORIGIN and AS_PATH. */
const MANDATORY = (1 << 1) | (1 << 2);
const NEXT_HOP_BIT = 1 << 3;
const LOCAL_PREF_BIT = 1 << 5;

/**
 * What the decision asks of an attribute block: numbers, and where the lists lie. One object is
 * reused for every block. A range that is absent is empty.
 */
export class AttributeScan {
  /** 0 IGP, 1 EGP, 2 INCOMPLETE. */
  origin = 0;
  /** Undefined when absent, as are the next two. */
  med: number | undefined = undefined;
  localPref: number | undefined = undefined;
  originatorId: number | undefined = undefined;
  /** The segments of AS_PATH. */
  asPathStart = 0;
  asPathEnd = 0;
  /** The address of NEXT_HOP or MP_REACH_NLRI, 4 or 16 octets. */
  nextHopStart = 0;
  nextHopEnd = 0;
  communitiesStart = 0;
  communitiesEnd = 0;
  clusterListStart = 0;
  clusterListEnd = 0;
}

/**
 * Reads a block of the most usual kind without making an object: every attribute known, once, and
 * such that `decodeAttributes` would accept the block as `verbatim` without a remedy. Returns false
 * when the block is anything else, or when it is not sure: then only `decodeAttributes` can tell,
 * and the scan means nothing.
 */
export function scanAttributes(
  bytes: Buffer,
  start: number,
  end: number,
  context: CodecContext,
  reachable: 'classic' | 'mp',
  scan: AttributeScan,
): boolean {
  clear(scan);
  let seen = 0;
  let at = start;
  while (at < end) {
    if (at + 3 > end) return false;
    const flags = bytes[at] as number;
    const type = bytes[at + 1] as number;
    const extended = (flags & EXTENDED_LENGTH) !== 0;
    if (extended && at + 4 > end) return false;
    const value = at + (extended ? 4 : 3);
    const length = extended ? u16At(bytes, at + 2) : (bytes[at + 2] as number);
    const bit = 1 << type;
    at = value + length;
    if (at > end || type === 0 || type > LARGE || (seen & bit) !== 0) return false;
    seen |= bit;
    if ((flags & ~FREE_FLAGS) !== scanValue(bytes, type, value, at, context, scan)) return false;
  }
  const mandatory = context.kind === 'ibgp' ? MANDATORY | LOCAL_PREF_BIT : MANDATORY;
  if ((seen & mandatory) !== mandatory || scan.nextHopEnd === 0) return false;
  return reachable === 'classic'
    ? (seen & (1 << MP_REACH_NLRI)) === 0
    : (seen & NEXT_HOP_BIT) === 0;
}

/** The flags that an attribute of this type must have; -1 when its value is not the usual. */
function scanValue(
  bytes: Buffer,
  type: number,
  start: number,
  end: number,
  context: CodecContext,
  scan: AttributeScan,
): number {
  const length = end - start;
  switch (type) {
    case 1:
      scan.origin = bytes[start] as number;
      return length === 1 && scan.origin <= 2 ? WELL_KNOWN : -1;
    case 2:
      scan.asPathStart = start;
      scan.asPathEnd = end;
      return isPlainPath(bytes, start, end, context) ? WELL_KNOWN : -1;
    case 3:
      scan.nextHopStart = start;
      scan.nextHopEnd = end;
      return length === 4 && isHost(bytes[start] as number) ? WELL_KNOWN : -1;
    case 4:
      scan.med = u32At(bytes, start);
      return length === 4 ? OPTIONAL : -1;
    case 6:
      return length === 0 ? WELL_KNOWN : -1;
    case 7:
      return isAggregator(bytes, start, length, context) ? OPTIONAL_TRANSITIVE : -1;
    case 8:
      scan.communitiesStart = start;
      scan.communitiesEnd = end;
      return isList(length, 4) ? OPTIONAL_TRANSITIVE : -1;
    case 16:
      return isList(length, 8) && !hasLinkBandwidth(bytes, start, end) ? OPTIONAL_TRANSITIVE : -1;
    case LARGE:
      // A longer list may say something twice, and that is not sent on.
      return length === 12 ? OPTIONAL_TRANSITIVE : -1;
    case MP_REACH_NLRI:
      return scanNextHop(bytes, start, end, context, scan);
    default:
      return context.kind === 'ibgp' ? scanInternal(bytes, type, start, end, scan) : -1;
  }
}

/** The attributes that only iBGP has. */
function scanInternal(
  bytes: Buffer,
  type: number,
  start: number,
  end: number,
  scan: AttributeScan,
): number {
  const length = end - start;
  switch (type) {
    case 5:
      scan.localPref = u32At(bytes, start);
      return length === 4 ? WELL_KNOWN : -1;
    case 9:
      scan.originatorId = u32At(bytes, start);
      return length === 4 ? OPTIONAL : -1;
    case 10:
      scan.clusterListStart = start;
      scan.clusterListEnd = end;
      return isList(length, 4) ? OPTIONAL : -1;
    default:
      return -1;
  }
}

/** MP_REACH_NLRI as `writeAttributeKey` leaves it, with one address (layout: `update-scan.ts`). */
function scanNextHop(
  bytes: Buffer,
  start: number,
  end: number,
  { families }: CodecContext,
  scan: AttributeScan,
): number {
  const length = end - start - 5;
  if ((length !== 4 && length !== 16) || bytes[start + 3] !== length) return -1;
  const isUnicast = bytes[start] === 0 && bytes[start + 2] === 1;
  const family = bytes[start + 1] === 1 ? 'ipv4-unicast' : 'ipv6-unicast';
  if (!isUnicast || (bytes[start + 1] as number) > 2 || !families.includes(family)) return -1;
  scan.nextHopStart = start + 4;
  scan.nextHopEnd = start + 4 + length;
  return OPTIONAL;
}

/** True when AS_PATH is well-formed (layout: `attributes/as-path.ts`). */
function isPlainPath(
  bytes: Buffer,
  start: number,
  end: number,
  { as4, kind }: CodecContext,
): boolean {
  const size = as4 ? 4 : 2;
  let at = start;
  while (at < end) {
    const type = SEGMENT_TYPES[bytes[at] as number];
    const count = at + 1 < end ? (bytes[at + 1] as number) : 0;
    const next = at + 2 + count * size;
    if (type === undefined || count === 0 || next > end) return false;
    if (kind === 'ebgp' && isConfedType(type)) return false;
    for (at += 2; at < next; at += size) if (asnAt(bytes, at, size) === 0) return false;
  }
  return true;
}

function isAggregator(bytes: Buffer, at: number, length: number, { as4 }: CodecContext): boolean {
  return length === (as4 ? 8 : 6) && asnAt(bytes, at, as4 ? 4 : 2) !== 0;
}

const isList = (length: number, size: number): boolean => length > 0 && length % size === 0;

function hasLinkBandwidth(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 8) if (isLinkBandwidthAt(bytes, at)) return true;
  return false;
}

/** Not in 0/8, 127/8, 224/4 or 240/4. */
const isHost = (first: number): boolean => first !== 0 && first !== 127 && first < 224;

/** An AS number of 2 or 4 octets. */
export const asnAt = (bytes: Uint8Array, at: number, size: 2 | 4): number =>
  size === 4 ? u32At(bytes, at) : u16At(bytes, at);

function clear(scan: AttributeScan): void {
  scan.origin = 0;
  scan.med = scan.localPref = scan.originatorId = undefined;
  scan.asPathStart = scan.asPathEnd = 0;
  scan.nextHopStart = scan.nextHopEnd = 0;
  scan.communitiesStart = scan.communitiesEnd = 0;
  scan.clusterListStart = scan.clusterListEnd = 0;
}
