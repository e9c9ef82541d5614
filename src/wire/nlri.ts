import { type Family, maxLengthOf } from '../net/family.ts';
import { maskedPrefix, type Prefix } from '../net/prefix.ts';
import { u32At, writeU32 } from './octets.ts';

/*
 * One prefix in NLRI, Withdrawn Routes and the MP attributes, RFC 4271 §4.3 and RFC 7911 §3:
 *
 *   path id  4 octets, only with add-path
 *   length   1 octet, in bits
 *   prefix   as many octets as `length` bits need; trailing bits have no meaning
 *
 * Readers take the offset of the length octet in a field that `scanUpdate` has checked, and do no
 * bounds check of their own. Writers return the offset behind what they wrote.
 */

/** Largest encoding of one prefix: path id, length octet, 16 octets. */
export const MAX_NLRI_LENGTH = 21;

/** The path identifier before the length octet at `at + 4`. */
export function readPathId(bytes: Buffer, at: number): number {
  return u32At(bytes, at);
}

/** Where the prefix whose length octet is at `at` ends. */
export function nlriEnd(bytes: Buffer, at: number): number {
  return at + 1 + (((bytes[at] as number) + 7) >>> 3);
}

/** An IPv4 prefix as an unsigned word, host bits cleared. */
export function readIpv4Word(bytes: Buffer, at: number): number {
  return maskedWord(bytes, at, 0);
}

/** Word `index` (0 to 3) of an IPv6 prefix, unsigned, host bits cleared. */
export function readIpv6Word(bytes: Buffer, at: number, index: number): number {
  return maskedWord(bytes, at, index);
}

/** The prefix whose length octet is at `at`, as an object: for tools and tests. */
export function readPrefix(bytes: Buffer, at: number, family: Family): Prefix {
  const address = new Uint8Array(maxLengthOf(family) >>> 3);
  address.set(bytes.subarray(at + 1, nlriEnd(bytes, at)));
  return maskedPrefix(address, bytes[at] as number);
}

export function writePathId(out: Buffer, at: number, pathId: number): number {
  return writeU32(out, at, pathId);
}

/** Writes an IPv4 prefix from its word. */
export function writeIpv4(out: Buffer, at: number, word: number, length: number): number {
  out[at] = length;
  writeU32(out, at + 1, word);
  return at + 1 + ((length + 7) >>> 3);
}

/** Writes an IPv6 prefix from its four words; `out` has room for all 17 octets. */
export function writeIpv6(
  out: Buffer,
  at: number,
  word0: number,
  word1: number,
  word2: number,
  word3: number,
  length: number,
): number {
  out[at] = length;
  writeU32(out, at + 1, word0);
  if (length > 32) writeU32(out, at + 5, word1);
  if (length > 64) writeU32(out, at + 9, word2);
  if (length > 96) writeU32(out, at + 13, word3);
  return at + 1 + ((length + 7) >>> 3);
}

export function writePrefix(out: Buffer, at: number, { address, length }: Prefix): number {
  out[at] = length;
  const octets = (length + 7) >>> 3;
  out.set(address.subarray(0, octets), at + 1);
  return at + 1 + octets;
}

/** True when `bytes[at, end)` is a whole number of prefixes none longer than `maxLength` bits. */
export function validNlri(
  bytes: Buffer,
  at: number,
  end: number,
  maxLength: number,
  pathIdLength: 0 | 4,
): boolean {
  let next = at;
  while (next < end) {
    next += pathIdLength;
    if (next >= end) return false;
    const length = bytes[next] as number;
    if (length > maxLength) return false;
    next += 1 + ((length + 7) >>> 3);
  }
  return next === end;
}

/** Reads only octets that belong to the prefix: the next ones may lie behind the buffer. */
function maskedWord(bytes: Buffer, at: number, index: number): number {
  const bits = (bytes[at] as number) - (index << 5);
  if (bits <= 0) return 0;
  const first = at + 1 + (index << 2);
  if (bits >= 32) return u32At(bytes, first);
  let word = (bytes[first] as number) << 24;
  if (bits > 8) word |= (bytes[first + 1] as number) << 16;
  if (bits > 16) word |= (bytes[first + 2] as number) << 8;
  if (bits > 24) word |= bytes[first + 3] as number;
  return (word & (-1 << (32 - bits))) >>> 0;
}
