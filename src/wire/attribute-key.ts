import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
} from './attributes/attribute-row.ts';
import type { UpdateScan } from './update-scan.ts';

/**
 * Writes what identifies the attributes of the UPDATE's classic or MP prefixes into `out` at `at`,
 * and returns where it ends: the attribute block without MP_UNREACH_NLRI and, for `mp`, with
 * MP_REACH_NLRI cut down to its next hop and put first; for `classic`, without it. The result is an
 * attribute block itself, for `decodeAttributes`. It is never longer than the block.
 *
 * Without MP attributes (`scan.hasMp` false) the key is the block as it stands: no need to copy.
 */
export function writeAttributeKey(
  bytes: Buffer,
  scan: UpdateScan,
  reachable: 'classic' | 'mp',
  out: Buffer,
  at: number,
): number {
  let next = at;
  if (reachable === 'mp') {
    // AFI, SAFI, next-hop length, next hop; then the reserved octet.
    const valueStart = scan.reachNextHopStart - 4;
    const length = scan.reachNextHopEnd - valueStart + 1;
    out[at] = OPTIONAL;
    out[at + 1] = MP_REACH_NLRI;
    out[at + 2] = length;
    bytes.copy(out, at + 3, valueStart, scan.reachNextHopEnd);
    next = at + 3 + length;
    out[next - 1] = 0;
  }
  return copyWithoutMp(bytes, scan, out, next);
}

/** Copies the block in runs between MP attributes; a tail that is cut short is copied as it is. */
function copyWithoutMp(bytes: Buffer, scan: UpdateScan, out: Buffer, to: number): number {
  const end = scan.attributesEnd;
  let next = to;
  let runStart = scan.attributesStart;
  let at = runStart;
  while (at + 3 <= end) {
    const extended = ((bytes[at] as number) & EXTENDED_LENGTH) !== 0;
    if (extended && at + 4 > end) break;
    const type = bytes[at + 1];
    const after = extended
      ? at + 4 + bytes.readUInt16BE(at + 2)
      : at + 3 + (bytes[at + 2] as number);
    if (type === MP_REACH_NLRI || type === MP_UNREACH_NLRI) {
      next += bytes.copy(out, next, runStart, at);
      runStart = after;
    }
    at = after;
  }
  return next + bytes.copy(out, next, runStart, end);
}
