import {
  EXTENDED_LENGTH,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
  writeAttributeHeader,
} from './attributes/attribute-row.ts';
import { CLUSTER_LIST } from './attributes/cluster-list.ts';
import { ORIGINATOR_ID } from './attributes/originator-id.ts';
import { Writer } from './writer.ts';

/**
 * What RFC 4456 §8 adds to a reflected route, done on the received block without decoding it:
 * ORIGINATOR_ID is set if absent, `clusterId` is put at the head of CLUSTER_LIST, and MP attributes
 * are left out. The block must be one that `decodeAttributes` called `verbatim`. Router id and
 * cluster id are dotted quads as numbers.
 */
export function reflectAttributes(raw: Buffer, originatorId: number, clusterId: number): Buffer {
  const out = new Writer(raw.length + 14);
  const originatorAt = find(raw, (type) => type === ORIGINATOR_ID);
  const clusterAt = find(raw, (type) => type === CLUSTER_LIST);
  // Where the new attributes go if the block has none: in type order, if the block is.
  const insertAt = originatorAt < raw.length ? -1 : find(raw, (type) => type > ORIGINATOR_ID);
  const clusterInsertAt = clusterAt < raw.length ? -1 : find(raw, (type) => type > CLUSTER_LIST);
  let at = 0;
  for (;;) {
    if (at === insertAt) {
      writeAttributeHeader(out, OPTIONAL, ORIGINATOR_ID, 4);
      out.u32(originatorId);
    }
    if (at === clusterInsertAt) writeClusterList(out, clusterId, raw.subarray(0, 0));
    if (at >= raw.length) return out.done();
    const end = attributeEnd(raw, at);
    if (at === clusterAt) writeClusterList(out, clusterId, raw.subarray(valueStart(raw, at), end));
    else if (!isMp(raw.readUInt8(at + 1))) out.bytes(raw.subarray(at, end));
    at = end;
  }
}

function writeClusterList(out: Writer, clusterId: number, others: Uint8Array): void {
  writeAttributeHeader(out, OPTIONAL, CLUSTER_LIST, 4 + others.length);
  out.u32(clusterId);
  out.bytes(others);
}

/** Offset of the first attribute whose type passes, or of the end of the block. */
function find(raw: Buffer, accepts: (type: number) => boolean): number {
  let at = 0;
  while (at < raw.length) {
    const type = raw.readUInt8(at + 1);
    if (!isMp(type) && accepts(type)) return at;
    at = attributeEnd(raw, at);
  }
  return raw.length;
}

const isMp = (type: number): boolean => type === MP_REACH_NLRI || type === MP_UNREACH_NLRI;

const valueStart = (raw: Buffer, at: number): number =>
  at + (raw.readUInt8(at) & EXTENDED_LENGTH ? 4 : 3);

const attributeEnd = (raw: Buffer, at: number): number =>
  raw.readUInt8(at) & EXTENDED_LENGTH
    ? at + 4 + raw.readUInt16BE(at + 2)
    : at + 3 + raw.readUInt8(at + 2);
