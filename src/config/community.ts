/** A community as rules name it: RFC 1997 as a number, or RFC 8092 as canonical `a:b:c`. */
export type Community =
  | { readonly type: 'standard'; readonly value: number }
  | { readonly type: 'large'; readonly value: string };

/** IANA registry "BGP Well-known Communities". */
const WELL_KNOWN: ReadonlyMap<string, number> = new Map([
  ['graceful-shutdown', 0xffff0000],
  ['accept-own', 0xffff0001],
  ['llgr-stale', 0xffff0006],
  ['no-llgr', 0xffff0007],
  ['blackhole', 0xffff029a],
  ['no-export', 0xffffff01],
  ['no-advertise', 0xffffff02],
  ['no-export-subconfed', 0xffffff03],
  ['no-peer', 0xffffff04],
]);

/** Parses `a:b`, `a:b:c` or a well-known name; undefined when `text` is none of them. */
export function parseCommunity(text: string): Community | undefined {
  const known = WELL_KNOWN.get(text);
  if (known !== undefined) return { type: 'standard', value: known };
  if (!/^\d{1,10}(:\d{1,10}){1,2}$/.test(text)) return undefined;
  const [a = 0, b = 0, c] = text.split(':').map(Number);
  if (c === undefined) {
    return a > 0xffff || b > 0xffff ? undefined : { type: 'standard', value: a * 0x10000 + b };
  }
  if (Math.max(a, b, c) > 0xffffffff) return undefined;
  return { type: 'large', value: `${a}:${b}:${c}` };
}

/** Canonical text: `a:b` or `a:b:c` without leading zeros. */
export const formatCommunity = ({ type, value }: Community): string =>
  type === 'large' ? value : `${value >>> 16}:${value & 0xffff}`;

/** Communities of a kind: each part a number, or undefined for any. */
export interface CommunityPattern {
  readonly type: Community['type'];
  readonly parts: readonly (number | undefined)[];
}

/** Parses what `parseCommunity` takes, and the same with `*` for any number, as `64512:*`. */
export function parseCommunityPattern(text: string): CommunityPattern | undefined {
  if (!text.includes('*')) {
    const community = parseCommunity(text);
    return community && { type: community.type, parts: partsOf(community) };
  }
  // What a star stands for does not matter to the bounds of the others.
  const community = parseCommunity(text.replaceAll('*', '0'));
  if (community === undefined) return undefined;
  const words = text.split(':');
  if (words.some((word) => word !== '*' && word.includes('*'))) return undefined;
  const parts = partsOf(community);
  return {
    type: community.type,
    parts: parts.map((part, index) => (words[index] === '*' ? undefined : part)),
  };
}

export const formatCommunityPattern = ({ parts }: CommunityPattern): string =>
  parts.map((part) => part ?? '*').join(':');

const partsOf = ({ type, value }: Community): readonly number[] =>
  type === 'large' ? value.split(':').map(Number) : [value >>> 16, value & 0xffff];
