import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const ONLY_TO_CUSTOMER = 35;

/**
 * Only to Customer, RFC 9234 §5. AS 0 is no error there.
 *
 *   asn  4 octets, in every session
 */
export function decodeOtc(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 4) return 'bad-length';
  draft.otc = value.u32();
  return undefined;
}

export function encodeOtc(out: Writer, { otc }: PathAttributes): void {
  if (otc === undefined) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, ONLY_TO_CUSTOMER, 4);
  out.u32(otc);
}
