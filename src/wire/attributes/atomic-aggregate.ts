import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, WELL_KNOWN, writeAttributeHeader } from './attribute-row.ts';

const ATOMIC_AGGREGATE = 6;

/** ATOMIC_AGGREGATE, RFC 4271 §5.1.6: no value, its presence says it all. */
export function decodeAtomicAggregate(
  value: Reader,
  draft: AttributeDraft,
): WireReason | undefined {
  if (value.remaining !== 0) return 'bad-length';
  draft.atomicAggregate = true;
  return undefined;
}

export function encodeAtomicAggregate(out: Writer, { atomicAggregate }: PathAttributes): void {
  if (atomicAggregate) writeAttributeHeader(out, WELL_KNOWN, ATOMIC_AGGREGATE, 0);
}
