import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, WELL_KNOWN, writeAttributeHeader } from './attribute-row.ts';

export const LOCAL_PREF = 5;

/** What a route from iBGP has that came without. */
export const DEFAULT_LOCAL_PREF = 100;

/**
 * LOCAL_PREF, RFC 4271 §5.1.5; iBGP only.
 *
 *   preference  4 octets
 */
export function decodeLocalPref(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 4) return 'bad-length';
  draft.localPref = value.u32();
  return undefined;
}

export function encodeLocalPref(out: Writer, { localPref }: PathAttributes): void {
  if (localPref === undefined) return;
  writeAttributeHeader(out, WELL_KNOWN, LOCAL_PREF, 4);
  out.u32(localPref);
}
