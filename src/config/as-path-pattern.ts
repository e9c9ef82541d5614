/** What one token of a pattern stands for: AS numbers of a range, any one, or any number of any. */
export type AsPathToken =
  | { readonly type: 'range'; readonly from: number; readonly to: number }
  | { readonly type: 'one' }
  | { readonly type: 'any' };

const MAX_TOKENS = 64;
const MAX_ASN = 0xffffffff;

/**
 * Parses a pattern for a whole AS_PATH, as `* 65001 64512..65534 ?`: an AS number, a range, `?` for
 * any one and `*` for any number of them. Undefined when `text` is none.
 */
export function parseAsPathPattern(text: string): readonly AsPathToken[] | undefined {
  const words = text.trim().split(/\s+/).filter(Boolean);
  if (words.length > MAX_TOKENS) return undefined;
  const tokens = words.map(parseToken);
  return tokens.every((token) => token !== undefined) ? tokens : undefined;
}

export const formatAsPathPattern = (tokens: readonly AsPathToken[]): string =>
  tokens.map(formatToken).join(' ');

function parseToken(word: string): AsPathToken | undefined {
  if (word === '?') return { type: 'one' };
  if (word === '*') return { type: 'any' };
  const [, first = '', last = first] = /^(\d{1,10})(?:\.\.(\d{1,10}))?$/.exec(word) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || to > MAX_ASN || from > to) return undefined;
  return { type: 'range', from, to };
}

function formatToken(token: AsPathToken): string {
  switch (token.type) {
    case 'one':
      return '?';
    case 'any':
      return '*';
    case 'range':
      return token.from === token.to ? `${token.from}` : `${token.from}..${token.to}`;
  }
}
