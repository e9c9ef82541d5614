import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const IPV6_EXTENDED_COMMUNITIES = 25;

/**
 * IPv6 Address Specific Extended Community, RFC 5701 §2.
 *
 *   communities  20 octets each, at least one
 */
export function decodeIpv6ExtendedCommunities(
  value: Reader,
  draft: AttributeDraft,
): WireReason | undefined {
  if (value.remaining === 0 || value.remaining % 20 !== 0) return 'bad-length';
  const communities: Uint8Array[] = [];
  while (value.remaining > 0) communities.push(value.bytes(20));
  draft.ipv6ExtendedCommunities = communities;
  return undefined;
}

export function encodeIpv6ExtendedCommunities(
  out: Writer,
  { ipv6ExtendedCommunities }: PathAttributes,
): void {
  const length = 20 * ipv6ExtendedCommunities.length;
  if (length === 0) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, IPV6_EXTENDED_COMMUNITIES, length);
  for (const community of ipv6ExtendedCommunities) out.bytes(community);
}
