import { type Family, familyOf } from '../net/family.ts';
import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
} from './attributes/attribute-row.ts';
import { MessageError } from './errors.ts';
import { HEADER_LENGTH } from './message.ts';
import { validNlri } from './nlri.ts';
import { u16At } from './octets.ts';
import type { CodecContext } from './path-attributes.ts';

const CATEGORY = 0xc0;

/** Which prefixes of an UPDATE a set of attributes belongs to; `none` when it announces nothing. */
export type Reachable = 'classic' | 'mp' | 'none';

/**
 * Where the parts of one UPDATE lie, as offsets into the scanned bytes. One object is reused for
 * every message. A range that is absent, or of a family that was not negotiated, is empty.
 */
export class UpdateScan {
  /** Withdrawn Routes. */
  withdrawnStart = 0;
  withdrawnEnd = 0;
  /** The whole attribute block. */
  attributesStart = 0;
  attributesEnd = 0;
  /** The NLRI field. */
  nlriStart = 0;
  nlriEnd = 0;
  /** MP_REACH_NLRI with its attribute header; `reachAfi` is 0 when absent or ignored. */
  reachAfi = 0;
  reachStart = 0;
  reachEnd = 0;
  reachNextHopStart = 0;
  reachNextHopEnd = 0;
  reachNlriStart = 0;
  reachNlriEnd = 0;
  /** MP_UNREACH_NLRI with its attribute header; `unreachAfi` is 0 when absent or ignored. */
  unreachAfi = 0;
  unreachStart = 0;
  unreachEnd = 0;
  unreachNlriStart = 0;
  unreachNlriEnd = 0;
  /** AFI of the family whose End-of-RIB this is (RFC 4724 §2), or 0. */
  endOfRibAfi = 0;
  /** Fields and MP attributes of families that were not negotiated. */
  ignored = 0;
  /** True when the block holds an MP attribute, used or ignored. */
  hasMp = false;
  /** True when the block holds an attribute other than MP_UNREACH_NLRI. */
  hasAttributes = false;

  /**
   * True when the UPDATE announces nothing but has attributes that must be judged all the same
   * (RFC 7606 §5.2): decode them with `none`, for the disposition only.
   */
  get judgeOnly(): boolean {
    return (
      this.hasAttributes &&
      this.ignored === 0 &&
      this.nlriStart === this.nlriEnd &&
      this.reachNlriStart === this.reachNlriEnd
    );
  }
}

/**
 * Finds the parts of the UPDATE `bytes[start, end)`, header included, and checks everything whose
 * failure ends the session: the lengths, every prefix, the MP attributes. What it hands out can be
 * read without bounds checks. Allocates nothing unless it fails. RFC 4271 §4.3, §6.3:
 *
 *   withdrawn length   2 octets
 *   withdrawn routes   prefixes
 *   attributes length  2 octets
 *   attributes         flags, type, length (1 or 2 octets), value
 *   NLRI               prefixes, up to the end of the message
 */
export function scanUpdate(
  bytes: Buffer,
  start: number,
  end: number,
  context: CodecContext,
  scan: UpdateScan,
): MessageError | undefined {
  clear(scan);
  const withdrawnStart = start + HEADER_LENGTH + 2;
  // A message has at least 23 octets (the framing saw to it): both length fields may be read when
  // the first one leaves room for the second.
  const withdrawnEnd = withdrawnStart + u16At(bytes, withdrawnStart - 2);
  if (withdrawnEnd + 2 > end) return new MessageError(3, 1, 'bad-update-lengths');
  const attributesStart = withdrawnEnd + 2;
  const attributesEnd = attributesStart + u16At(bytes, withdrawnEnd);
  if (attributesEnd > end) return new MessageError(3, 1, 'bad-update-lengths');
  scan.attributesStart = attributesStart;
  scan.attributesEnd = attributesEnd;

  const classicError = scanClassic(bytes, withdrawnStart, withdrawnEnd, end, context, scan);
  if (classicError !== undefined) return classicError;
  if (attributesStart === attributesEnd) return undefined;
  const error = scanAttributes(bytes, context, scan);
  if (error !== undefined) return error;
  if (isMpEndOfRib(scan)) scan.endOfRibAfi = scan.unreachAfi;
  return undefined;
}

/** Withdrawn Routes and NLRI; a message without either and without attributes is an End-of-RIB. */
function scanClassic(
  bytes: Buffer,
  withdrawnStart: number,
  withdrawnEnd: number,
  end: number,
  context: CodecContext,
  scan: UpdateScan,
): MessageError | undefined {
  const nlriStart = scan.attributesEnd;
  const pathIdLength = pathIdLengthOf(context, 'ipv4-unicast');
  if (
    !validNlri(bytes, withdrawnStart, withdrawnEnd, 32, pathIdLength) ||
    !validNlri(bytes, nlriStart, end, 32, pathIdLength)
  ) {
    return new MessageError(3, 10, 'bad-nlri');
  }
  if (context.families.includes('ipv4-unicast')) {
    scan.withdrawnStart = withdrawnStart;
    scan.withdrawnEnd = withdrawnEnd;
    scan.nlriStart = nlriStart;
    scan.nlriEnd = end;
    if (end === withdrawnStart + 2) scan.endOfRibAfi = 1;
  } else if (withdrawnEnd > withdrawnStart || end > nlriStart) {
    scan.ignored++;
  }
  return undefined;
}

/** True when the UPDATE does nothing but send an empty MP_UNREACH_NLRI. */
function isMpEndOfRib(scan: UpdateScan): boolean {
  return (
    scan.unreachAfi !== 0 &&
    scan.unreachNlriStart === scan.unreachNlriEnd &&
    scan.reachAfi === 0 &&
    scan.withdrawnStart === scan.withdrawnEnd &&
    scan.nlriStart === scan.nlriEnd &&
    scan.ignored === 0
  );
}

/** Walks the attribute headers; what the walk cannot pass is left to `decodeAttributes`. */
function scanAttributes(
  bytes: Buffer,
  context: CodecContext,
  scan: UpdateScan,
): MessageError | undefined {
  const end = scan.attributesEnd;
  let reachSeen = false;
  let unreachSeen = false;
  let at = scan.attributesStart;
  while (at < end) {
    const valueStart = at + ((bytes[at] as number) & EXTENDED_LENGTH ? 4 : 3);
    const type = at + 1 < end ? (bytes[at + 1] as number) : 0;
    const valueEnd = valueStart <= end ? valueStart + valueLength(bytes, at) : end + 1;
    const isMp = type === MP_REACH_NLRI || type === MP_UNREACH_NLRI;
    if (valueEnd > end) {
      // Cut short. Routes to withdraw are still known, unless they are inside this attribute.
      scan.hasAttributes = true;
      return isMp ? mpError(bytes, at, end, 'bad-mp-attribute') : undefined;
    }
    if (!isMp) {
      scan.hasAttributes = true;
    } else {
      const again = type === MP_REACH_NLRI ? reachSeen : unreachSeen;
      if (again) return new MessageError(3, 1, 'duplicate-mp-attribute');
      scan.hasMp = true;
      const error =
        type === MP_REACH_NLRI
          ? scanReach(bytes, at, valueStart, valueEnd, context, scan)
          : scanUnreach(bytes, at, valueStart, valueEnd, context, scan);
      if (error !== undefined) return error;
      if (type === MP_REACH_NLRI) reachSeen = true;
      else unreachSeen = true;
    }
    at = valueEnd;
  }
  return undefined;
}

/**
 * MP_REACH_NLRI, RFC 4760 §3.
 *
 *   AFI              2 octets
 *   SAFI             1 octet
 *   next-hop length  1 octet
 *   next hop         4, 16, or 32 octets (global and link-local, RFC 2545 §3)
 *   reserved         1 octet
 *   NLRI             prefixes
 */
function scanReach(
  bytes: Buffer,
  at: number,
  valueStart: number,
  valueEnd: number,
  context: CodecContext,
  scan: UpdateScan,
): MessageError | undefined {
  scan.hasAttributes = true;
  if (valueEnd - valueStart < 3) return mpError(bytes, at, valueEnd, 'bad-mp-attribute');
  const family = familyOf(u16At(bytes, valueStart), bytes[valueStart + 2] as number);
  if (family === undefined || !context.families.includes(family)) {
    scan.ignored++;
    return undefined;
  }
  if (valueEnd - valueStart < 5 || !isOptional(bytes, at)) {
    return mpError(bytes, at, valueEnd, 'bad-mp-attribute');
  }
  const nextHopLength = bytes[valueStart + 3] as number;
  const nlriStart = valueStart + 5 + nextHopLength;
  if (!isNextHopLength(nextHopLength, family, context) || nlriStart > valueEnd) {
    return mpError(bytes, at, valueEnd, 'bad-mp-attribute');
  }
  const maxLength = family === 'ipv4-unicast' ? 32 : 128;
  if (!validNlri(bytes, nlriStart, valueEnd, maxLength, pathIdLengthOf(context, family))) {
    return mpError(bytes, at, valueEnd, 'bad-mp-nlri');
  }
  scan.reachAfi = family === 'ipv4-unicast' ? 1 : 2;
  scan.reachStart = at;
  scan.reachEnd = valueEnd;
  scan.reachNextHopStart = valueStart + 4;
  scan.reachNextHopEnd = nlriStart - 1;
  scan.reachNlriStart = nlriStart;
  scan.reachNlriEnd = valueEnd;
  return undefined;
}

/**
 * MP_UNREACH_NLRI, RFC 4760 §4.
 *
 *   AFI               2 octets
 *   SAFI              1 octet
 *   withdrawn routes  prefixes
 */
function scanUnreach(
  bytes: Buffer,
  at: number,
  valueStart: number,
  valueEnd: number,
  context: CodecContext,
  scan: UpdateScan,
): MessageError | undefined {
  if (valueEnd - valueStart < 3) return mpError(bytes, at, valueEnd, 'bad-mp-attribute');
  const family = familyOf(u16At(bytes, valueStart), bytes[valueStart + 2] as number);
  if (family === undefined || !context.families.includes(family)) {
    scan.ignored++;
    return undefined;
  }
  if (!isOptional(bytes, at)) return mpError(bytes, at, valueEnd, 'bad-mp-attribute');
  const maxLength = family === 'ipv4-unicast' ? 32 : 128;
  if (!validNlri(bytes, valueStart + 3, valueEnd, maxLength, pathIdLengthOf(context, family))) {
    return mpError(bytes, at, valueEnd, 'bad-mp-nlri');
  }
  scan.unreachAfi = family === 'ipv4-unicast' ? 1 : 2;
  scan.unreachStart = at;
  scan.unreachEnd = valueEnd;
  scan.unreachNlriStart = valueStart + 3;
  scan.unreachNlriEnd = valueEnd;
  return undefined;
}

/** 32 octets are two addresses; IPv6 next hops for IPv4 need RFC 8950. */
function isNextHopLength(length: number, family: Family, context: CodecContext): boolean {
  if (family === 'ipv4-unicast') {
    return length === 4 || (context.extendedNextHop && (length === 16 || length === 32));
  }
  return length === 16 || length === 32;
}

/** Both MP attributes are optional non-transitive; Partial and the unused bits do not matter. */
const isOptional = (bytes: Buffer, at: number): boolean =>
  ((bytes[at] as number) & CATEGORY) === OPTIONAL;

const pathIdLengthOf = (context: CodecContext, family: Family): 0 | 4 =>
  context.addPath.includes(family) ? 4 : 0;

/** Length of the attribute whose header begins at `at` and is complete. */
function valueLength(bytes: Buffer, at: number): number {
  return (bytes[at] as number) & EXTENDED_LENGTH ? u16At(bytes, at + 2) : (bytes[at + 2] as number);
}

/** Optional Attribute Error, its data the whole attribute. */
function mpError(
  bytes: Buffer,
  start: number,
  end: number,
  reason: 'bad-mp-attribute' | 'bad-mp-nlri',
): MessageError {
  return new MessageError(3, 9, reason, bytes.subarray(start, end));
}

function clear(scan: UpdateScan): void {
  scan.withdrawnStart = scan.withdrawnEnd = 0;
  scan.attributesStart = scan.attributesEnd = 0;
  scan.nlriStart = scan.nlriEnd = 0;
  scan.reachAfi = scan.reachStart = scan.reachEnd = 0;
  scan.reachNextHopStart = scan.reachNextHopEnd = 0;
  scan.reachNlriStart = scan.reachNlriEnd = 0;
  scan.unreachAfi = scan.unreachStart = scan.unreachEnd = 0;
  scan.unreachNlriStart = scan.unreachNlriEnd = 0;
  scan.endOfRibAfi = 0;
  scan.ignored = 0;
  scan.hasMp = false;
  scan.hasAttributes = false;
}
