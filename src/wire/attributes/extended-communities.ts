import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const EXTENDED_COMMUNITIES = 16;

/**
 * EXTENDED COMMUNITIES, RFC 4360 §2. Types and subtypes are not looked at.
 *
 *   communities  8 octets each, at least one
 */
export function decodeExtendedCommunities(
  value: Reader,
  draft: AttributeDraft,
): WireReason | undefined {
  if (value.remaining === 0 || value.remaining % 8 !== 0) return 'bad-length';
  const communities: Uint8Array[] = [];
  while (value.remaining > 0) communities.push(value.bytes(8));
  draft.extendedCommunities = communities;
  return undefined;
}

export function encodeExtendedCommunities(
  out: Writer,
  { extendedCommunities }: PathAttributes,
): void {
  const length = 8 * extendedCommunities.length;
  if (length === 0) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, EXTENDED_COMMUNITIES, length);
  for (const community of extendedCommunities) out.bytes(community);
}
