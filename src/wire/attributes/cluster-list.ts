import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL, writeAttributeHeader } from './attribute-row.ts';

export const CLUSTER_LIST = 10;

/**
 * CLUSTER_LIST, RFC 4456 §8; iBGP only.
 *
 *   cluster ids  4 octets each, at least one, the latest first
 */
export function decodeClusterList(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining === 0 || value.remaining % 4 !== 0) return 'bad-length';
  const clusterList: number[] = [];
  while (value.remaining > 0) clusterList.push(value.u32());
  draft.clusterList = clusterList;
  return undefined;
}

export function encodeClusterList(out: Writer, { clusterList }: PathAttributes): void {
  if (clusterList.length === 0) return;
  writeAttributeHeader(out, OPTIONAL, CLUSTER_LIST, 4 * clusterList.length);
  for (const clusterId of clusterList) out.u32(clusterId);
}
