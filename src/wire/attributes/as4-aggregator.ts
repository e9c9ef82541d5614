import type { CodecContext, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const AS4_AGGREGATOR = 18;

/**
 * AS4_AGGREGATOR, RFC 6793 §3, from a 2-octet speaker only.
 *
 *   asn      4 octets
 *   address  4 octets
 */
export function decodeAs4Aggregator(
  value: Reader,
  draft: AttributeDraft,
  { as4 }: CodecContext,
): WireReason | undefined {
  if (as4) return 'not-from-as4-speaker';
  if (value.remaining !== 8) return 'bad-length';
  const asn = value.u32();
  if (asn === 0) return 'as-zero';
  draft.as4Aggregator = { asn, address: value.u32() };
  return undefined;
}

/** To a 2-octet speaker, and only where AGGREGATOR cannot say it. */
export function encodeAs4Aggregator(
  out: Writer,
  { aggregator }: PathAttributes,
  { as4 }: CodecContext,
): void {
  if (as4 || aggregator === undefined || aggregator.asn <= 0xffff) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, AS4_AGGREGATOR, 8);
  out.u32(aggregator.asn);
  out.u32(aggregator.address);
}
