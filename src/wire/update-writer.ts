import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
} from './attributes/attribute-row.ts';
import { startMessage } from './header.ts';
import { HEADER_LENGTH, UPDATE } from './message.ts';
import { writeU16 } from './octets.ts';

/*
 * An UPDATE written straight into a large buffer, part by part; every function returns the offset
 * behind what it wrote. The prefixes are written by the caller (`nlri.ts`):
 *
 *   let at = startUpdate(out, start);
 *   ... withdrawn routes ...
 *   at = startAttributes(out, start, at);
 *   const attributes = at;
 *   at = startMpReach(out, at, afi, nextHop); ... NLRI ...; endMpAttribute(out, attributes, at);
 *   at = writeBytes(out, at, encodedAttributes);
 *   endAttributes(out, attributes, at);
 *   ... classic NLRI ...
 *   endMessage(out, start, at);
 *
 * MP attributes come first (RFC 7606 §5.1) and always have a 2-octet length, so that their NLRI
 * begins at a known place. A message holds only one of: withdrawn routes, NLRI, MP_REACH_NLRI,
 * MP_UNREACH_NLRI.
 */

const MP_FLAGS = OPTIONAL | EXTENDED_LENGTH;
const MP_HEADER_LENGTH = 4;
const SAFI_UNICAST = 1;

/** Octets of an UPDATE besides withdrawn routes, attributes and NLRI. */
export const UPDATE_OVERHEAD: number = HEADER_LENGTH + 4;

/** Octets of MP_REACH_NLRI besides next hop and NLRI. */
export const MP_REACH_OVERHEAD: number = MP_HEADER_LENGTH + 5;

/** Octets of MP_UNREACH_NLRI besides its withdrawn routes. */
export const MP_UNREACH_OVERHEAD: number = MP_HEADER_LENGTH + 3;

/** Begins an UPDATE; the withdrawn routes come next. */
export function startUpdate(out: Buffer, start: number): number {
  return startMessage(out, start, UPDATE) + 2;
}

/** Ends the withdrawn routes of the UPDATE that began at `start`; the attributes come next. */
export function startAttributes(out: Buffer, start: number, at: number): number {
  writeU16(out, start + HEADER_LENGTH, at - start - HEADER_LENGTH - 2);
  return at + 2;
}

/** Ends the attributes that began at `attributes`; classic NLRI comes next. */
export function endAttributes(out: Buffer, attributes: number, at: number): void {
  writeU16(out, attributes - 2, at - attributes);
}

/** Begins MP_REACH_NLRI (layout: `update-scan.ts`); its NLRI comes next. */
export function startMpReach(out: Buffer, at: number, afi: 1 | 2, nextHop: Uint8Array): number {
  const value = startMpAttribute(out, at, MP_REACH_NLRI, afi);
  out[value] = nextHop.length;
  const end = writeBytes(out, value + 1, nextHop);
  out[end] = 0;
  return end + 1;
}

/** Begins MP_UNREACH_NLRI (layout: `update-scan.ts`); its withdrawn routes come next. */
export function startMpUnreach(out: Buffer, at: number, afi: 1 | 2): number {
  return startMpAttribute(out, at, MP_UNREACH_NLRI, afi);
}

/** Ends the MP attribute whose header is at `attribute`. */
export function endMpAttribute(out: Buffer, attribute: number, at: number): void {
  writeU16(out, attribute + 2, at - attribute - MP_HEADER_LENGTH);
}

export function writeBytes(out: Buffer, at: number, bytes: Uint8Array): number {
  return copyOctets(out, at, bytes, 0, bytes.length);
}

/** Attributes are short: a loop is quicker than a call of `set` or `copy`. */
export function copyOctets(
  out: Buffer,
  to: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  for (let at = start; at < end; at++) out[to + at - start] = bytes[at] as number;
  return to + end - start;
}

function startMpAttribute(out: Buffer, at: number, type: number, afi: 1 | 2): number {
  out[at] = MP_FLAGS;
  out[at + 1] = type;
  writeU16(out, at + MP_HEADER_LENGTH, afi);
  out[at + MP_HEADER_LENGTH + 2] = SAFI_UNICAST;
  return at + MP_HEADER_LENGTH + 3;
}
