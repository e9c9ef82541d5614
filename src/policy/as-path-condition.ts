import { type AsPathToken, parseAsPathPattern } from '../config/as-path-pattern.ts';
import type { AsPathSegment } from '../wire/path-attributes.ts';
import type { RouteEdits, RouteView } from './route-view.ts';

/** The AS numbers at one place of a path: one, or the members of an AS_SET. */
type Hop = readonly number[];

/** The path as the next rule sees it; confederation segments are not part of it (RFC 5065 §5.3). */
export function hopsOf(
  { attributes }: Pick<RouteView, 'attributes'>,
  { prependAsPath }: Pick<RouteEdits, 'prependAsPath'>,
): readonly Hop[] {
  const hops: Hop[] = prependAsPath.map((asn) => [asn]);
  for (const segment of attributes?.asPath ?? []) hops.push(...hopsOfSegment(segment));
  return hops;
}

function hopsOfSegment({ type, asns }: AsPathSegment): readonly Hop[] {
  if (type === 'sequence') return asns.map((asn) => [asn]);
  return type === 'set' ? [asns] : [];
}

/** True for a path that one of the patterns describes from end to end. */
export function compileAsPaths(
  texts: readonly string[],
): (route: RouteView, edits: RouteEdits) => boolean {
  const patterns = texts.flatMap((text) => {
    const tokens = parseAsPathPattern(text);
    return tokens === undefined ? [] : [tokens];
  });
  return (route, edits) => {
    const hops = hopsOf(route, edits);
    return patterns.some((tokens) => describes(tokens, hops));
  };
}

/** Follows every way through the pattern at once: time grows with tokens times hops, never more. */
function describes(tokens: readonly AsPathToken[], hops: readonly Hop[]): boolean {
  let reached = afterStars(tokens, [true]);
  for (const hop of hops) {
    const next: boolean[] = [];
    for (const [at, token] of tokens.entries()) {
      if (!reached[at] || !holds(token, hop)) continue;
      next[token.type === 'any' ? at : at + 1] = true;
    }
    reached = afterStars(tokens, next);
  }
  return reached[tokens.length] === true;
}

/** A `*` may stand for nothing: whoever is before one is behind it as well. */
function afterStars(tokens: readonly AsPathToken[], reached: boolean[]): boolean[] {
  for (const [at, token] of tokens.entries()) {
    if (reached[at] && token.type === 'any') reached[at + 1] = true;
  }
  return reached;
}

const holds = (token: AsPathToken, hop: Hop): boolean =>
  token.type !== 'range' || hop.some((asn) => asn >= token.from && asn <= token.to);
