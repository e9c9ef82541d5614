import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL, writeAttributeHeader } from './attribute-row.ts';

const MULTI_EXIT_DISC = 4;

/**
 * MULTI_EXIT_DISC, RFC 4271 §5.1.4.
 *
 *   metric  4 octets
 */
export function decodeMed(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 4) return 'bad-length';
  draft.med = value.u32();
  return undefined;
}

export function encodeMed(out: Writer, { med }: PathAttributes): void {
  if (med === undefined) return;
  writeAttributeHeader(out, OPTIONAL, MULTI_EXIT_DISC, 4);
  out.u32(med);
}
