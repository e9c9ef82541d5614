import type { PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const COMMUNITIES = 8;

/**
 * COMMUNITIES, RFC 1997.
 *
 *   communities  4 octets each, at least one
 */
export function decodeCommunities(value: Reader, draft: AttributeDraft): WireReason | undefined {
  if (value.remaining === 0 || value.remaining % 4 !== 0) return 'bad-length';
  const communities: number[] = [];
  while (value.remaining > 0) communities.push(value.u32());
  draft.communities = communities;
  return undefined;
}

export function encodeCommunities(out: Writer, { communities }: PathAttributes): void {
  if (communities.length === 0) return;
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, COMMUNITIES, 4 * communities.length);
  for (const community of communities) out.u32(community);
}
