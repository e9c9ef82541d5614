import type { LargeCommunity, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const LARGE_COMMUNITIES = 32;

/**
 * LARGE_COMMUNITY, RFC 8092 §3. Values that appear twice are kept once (§6).
 *
 *   communities, each:
 *     global administrator  4 octets
 *     local data            4 octets, twice
 */
export function decodeLargeCommunities(
  value: Reader,
  draft: AttributeDraft,
): WireReason | undefined {
  if (value.remaining === 0 || value.remaining % 12 !== 0) return 'bad-length';
  const count = value.remaining / 12;
  const communities = new Map<string, LargeCommunity>();
  while (value.remaining > 0) {
    const community = { global: value.u32(), local1: value.u32(), local2: value.u32() };
    communities.set(`${community.global}:${community.local1}:${community.local2}`, community);
  }
  if (communities.size < count) draft.untidy = true;
  draft.largeCommunities = [...communities.values()];
  return undefined;
}

export function encodeLargeCommunities(out: Writer, { largeCommunities }: PathAttributes): void {
  if (largeCommunities.length === 0) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, LARGE_COMMUNITIES, 12 * largeCommunities.length);
  for (const { global, local1, local2 } of largeCommunities) {
    out.u32(global);
    out.u32(local1);
    out.u32(local2);
  }
}
