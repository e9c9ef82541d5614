import type { CodecContext, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { AS_TRANS } from './as-path.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const AGGREGATOR = 7;

/**
 * AGGREGATOR, RFC 4271 §5.1.7.
 *
 *   asn      2 or 4 octets (RFC 6793)
 *   address  4 octets
 */
export function decodeAggregator(
  value: Reader,
  draft: AttributeDraft,
  { as4 }: CodecContext,
): WireReason | undefined {
  if (value.remaining !== (as4 ? 8 : 6)) return 'bad-length';
  const asn = as4 ? value.u32() : value.u16();
  if (asn === 0) return 'as-zero';
  draft.aggregator = { asn, address: value.u32() };
  return undefined;
}

/** In a 2-octet session an AS number that does not fit becomes AS_TRANS. */
export function encodeAggregator(
  out: Writer,
  { aggregator }: PathAttributes,
  { as4 }: CodecContext,
): void {
  if (aggregator === undefined) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, AGGREGATOR, as4 ? 8 : 6);
  if (as4) out.u32(aggregator.asn);
  else out.u16(aggregator.asn > 0xffff ? AS_TRANS : aggregator.asn);
  out.u32(aggregator.address);
}
