import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL, writeAttributeHeader } from './attribute-row.ts';

export const ORIGINATOR_ID = 9;

/**
 * ORIGINATOR_ID, RFC 4456 §8; iBGP only.
 *
 *   router id  4 octets
 */
export function decodeOriginatorId(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 4) return 'bad-length';
  draft.originatorId = value.u32();
  return undefined;
}

export function encodeOriginatorId(out: Writer, { originatorId }: PathAttributes): void {
  if (originatorId === undefined) return;
  writeAttributeHeader(out, OPTIONAL, ORIGINATOR_ID, 4);
  out.u32(originatorId);
}
