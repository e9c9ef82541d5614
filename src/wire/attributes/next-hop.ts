import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, WELL_KNOWN, writeAttributeHeader } from './attribute-row.ts';

export const NEXT_HOP = 3;

/**
 * NEXT_HOP, RFC 4271 §5.1.3: the next hop of classic NLRI. It must be a host address (§6.3): not
 * in 0/8, 127/8, 224/4 or 240/4.
 *
 *   address  4 octets
 */
export function decodeNextHop(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining !== 4) return 'bad-length';
  const address = value.bytes(4);
  draft.nextHop = address;
  const [first = 0] = address;
  return first === 0 || first === 127 || first >= 224 ? 'no-host-address' : undefined;
}

/** Only a 4-octet next hop stands here; a 16-octet one is part of MP_REACH_NLRI. */
export function encodeNextHop(out: Writer, { nextHop }: PathAttributes): void {
  if (nextHop?.length !== 4) return;
  writeAttributeHeader(out, WELL_KNOWN, NEXT_HOP, 4);
  out.bytes(nextHop);
}
