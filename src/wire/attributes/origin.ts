import type { Origin, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, WELL_KNOWN, writeAttributeHeader } from './attribute-row.ts';

const ORIGIN = 1;
const BY_CODE: readonly Origin[] = ['igp', 'egp', 'incomplete'];

/**
 * ORIGIN, RFC 4271 §5.1.1.
 *
 *   origin  1 octet   0 IGP | 1 EGP | 2 INCOMPLETE
 */
export function decodeOrigin(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 1) return 'bad-length';
  const origin = BY_CODE[value.u8()];
  if (origin === undefined) return 'bad-value';
  draft.origin = origin;
  return undefined;
}

export function encodeOrigin(out: Writer, { origin }: PathAttributes): void {
  if (origin === undefined) return;
  writeAttributeHeader(out, WELL_KNOWN, ORIGIN, 1);
  out.u8(BY_CODE.indexOf(origin));
}
