import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
} from './attributes/attribute-row.ts';
import { CLUSTER_LIST } from './attributes/cluster-list.ts';
import { ORIGINATOR_ID } from './attributes/originator-id.ts';
import { u16At, writeU32 } from './octets.ts';
import { copyOctets } from './update-writer.ts';
import type { Writer } from './writer.ts';

/** What ORIGINATOR_ID and a CLUSTER_LIST of one id take at most. */
const ADDED = 7 + 8;

/**
 * Appends the received block `bytes[start, end)` with what RFC 4456 §8 adds to a reflected route,
 * without decoding it: ORIGINATOR_ID is set if absent, `clusterId` is put at the head of
 * CLUSTER_LIST, and MP attributes are left out. The block must be one that `decodeAttributes`
 * called `verbatim`. Router id and cluster id are dotted quads as numbers.
 */
export function reflectAttributes(
  writer: Writer,
  bytes: Buffer,
  start: number,
  end: number,
  originatorId: number,
  clusterId: number,
): void {
  let to = writer.reserve(end - start + ADDED);
  const out = writer.buffer;
  // Where the new attributes go if the block has none: in type order, if the block is.
  const originatorAt = placeOf(bytes, start, end, ORIGINATOR_ID);
  const clusterAt = placeOf(bytes, start, end, CLUSTER_LIST);
  const hasOriginator = originatorAt < end && bytes[originatorAt + 1] === ORIGINATOR_ID;
  const hasClusters = clusterAt < end && bytes[clusterAt + 1] === CLUSTER_LIST;
  for (let at = start; ; ) {
    if (at === originatorAt && !hasOriginator) to = writeOriginator(out, to, originatorId);
    if (at === clusterAt && !hasClusters) to = writeClusters(out, to, clusterId, bytes, at, at);
    if (at >= end) break;
    const next = attributeEnd(bytes, at);
    if (at === clusterAt && hasClusters) {
      to = writeClusters(out, to, clusterId, bytes, valueStart(bytes, at), next);
    } else if (!isMp(bytes[at + 1] as number)) {
      to = copyOctets(out, to, bytes, at, next);
    }
    at = next;
  }
  writer.cut(to);
}

function writeOriginator(out: Buffer, at: number, originatorId: number): number {
  out[at] = OPTIONAL;
  out[at + 1] = ORIGINATOR_ID;
  out[at + 2] = 4;
  return writeU32(out, at + 3, originatorId);
}

/** CLUSTER_LIST with our id before the others in `bytes[start, end)`. */
function writeClusters(
  out: Buffer,
  at: number,
  clusterId: number,
  bytes: Buffer,
  start: number,
  end: number,
): number {
  const length = 4 + end - start;
  out[at] = length > 255 ? OPTIONAL | EXTENDED_LENGTH : OPTIONAL;
  out[at + 1] = CLUSTER_LIST;
  let to = at + 2;
  if (length > 255) out[to++] = length >>> 8;
  out[to++] = length;
  return copyOctets(out, writeU32(out, to, clusterId), bytes, start, end);
}

/** Offset of the attribute of a type; without one, of the first of a greater type, or the end. */
function placeOf(bytes: Buffer, start: number, end: number, type: number): number {
  let greater = end;
  for (let at = start; at < end; at = attributeEnd(bytes, at)) {
    const each = bytes[at + 1] as number;
    if (each === type) return at;
    if (each > type && greater === end && !isMp(each)) greater = at;
  }
  return greater;
}

const isMp = (type: number): boolean => type === MP_REACH_NLRI || type === MP_UNREACH_NLRI;

const valueStart = (bytes: Buffer, at: number): number =>
  at + ((bytes[at] as number) & EXTENDED_LENGTH ? 4 : 3);

const attributeEnd = (bytes: Buffer, at: number): number =>
  (bytes[at] as number) & EXTENDED_LENGTH
    ? at + 4 + u16At(bytes, at + 2)
    : at + 3 + (bytes[at + 2] as number);
