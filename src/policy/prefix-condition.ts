import type { PrefixMatch } from '../config/types.ts';
import { parsePrefix } from '../net/prefix.ts';
import type { RouteView } from './route-view.ts';

export type Condition = (route: RouteView) => boolean;

/** From this many entries a look-up by length and hash beats one comparison after the other. */
const HASH_FROM = 8;

/** A range of prefixes on unsigned words: within `words/length`, `least` to `most` bits long. */
interface Range {
  readonly size: number;
  readonly words: Words;
  readonly length: number;
  readonly least: number;
  readonly most: number;
}

type Words = readonly [number, number, number, number];

/** True for a route that one of the conditions holds for. */
export function compilePrefixes(matches: readonly PrefixMatch[]): Condition {
  const positive: Range[] = [];
  const conditions: Condition[] = [];
  for (const match of matches) {
    const range = rangeOf(match);
    if (range === undefined) continue;
    if ('in' in match || 'equal' in match) positive.push(range);
    else {
      const within = oneRange(range);
      conditions.push((route) => !within(route));
    }
  }
  if (positive.length >= HASH_FROM) conditions.push(manyRanges(positive));
  else conditions.push(...positive.map(oneRange));
  const [only, ...more] = conditions;
  if (only !== undefined && more.length === 0) return only;
  return (route) => conditions.some((condition) => condition(route));
}

function rangeOf(match: PrefixMatch): Range | undefined {
  const [text, exact] = textOf(match);
  const prefix = parsePrefix(text);
  if (prefix === undefined) return undefined;
  const { address, length } = prefix;
  const bits = address.length * 8;
  return {
    size: address.length,
    words: [wordAt(address, 0), wordAt(address, 4), wordAt(address, 8), wordAt(address, 12)],
    length,
    least: exact ? length : Math.max(length, match.ge ?? 0),
    most: exact ? length : Math.min(bits, match.le ?? bits),
  };
}

function textOf(match: PrefixMatch): readonly [text: string, exact: boolean] {
  if ('in' in match) return [match.in, false];
  if ('notIn' in match) return [match.notIn, false];
  return 'equal' in match ? [match.equal, true] : [match.notEqual, true];
}

const wordAt = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0;

/** The mask of word `index` for a prefix of `length` bits. */
function maskAt(length: number, index: number): number {
  const bits = Math.min(32, Math.max(0, length - 32 * index));
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
}

function oneRange({ size, words, length, least, most }: Range): Condition {
  const [a, b, c, d] = words;
  const maskA = maskAt(length, 0);
  if (length <= 32)
    return (route) =>
      route.length >= least &&
      route.length <= most &&
      route.size === size &&
      ((route.word0 ^ a) & maskA) === 0;
  const maskB = maskAt(length, 1);
  const maskC = maskAt(length, 2);
  const maskD = maskAt(length, 3);
  return (route) =>
    route.length >= least &&
    route.length <= most &&
    route.size === size &&
    route.word0 === a &&
    ((route.word1 ^ b) & maskB) === 0 &&
    ((route.word2 ^ c) & maskC) === 0 &&
    ((route.word3 ^ d) & maskD) === 0;
}

/** Ranges of one size and length, by a hash of their masked words. */
interface Bucket {
  readonly size: number;
  readonly length: number;
  readonly masks: Words;
  readonly ranges: Map<number, Condition[]>;
}

/** One hash look-up for each length in use. */
function manyRanges(ranges: readonly Range[]): Condition {
  const buckets: Bucket[] = [];
  for (const range of ranges) {
    const { size, length } = range;
    let bucket = buckets.find((each) => each.size === size && each.length === length);
    if (bucket === undefined) {
      const masks: Words = [
        maskAt(length, 0),
        maskAt(length, 1),
        maskAt(length, 2),
        maskAt(length, 3),
      ];
      bucket = { size, length, masks, ranges: new Map() };
      buckets.push(bucket);
    }
    const key = mix(...range.words);
    const same = bucket.ranges.get(key);
    if (same === undefined) bucket.ranges.set(key, [oneRange(range)]);
    else same.push(oneRange(range));
  }
  return (route) => buckets.some((bucket) => holds(bucket, route));
}

function holds({ size, length, masks, ranges }: Bucket, route: RouteView): boolean {
  if (route.size !== size || route.length < length) return false;
  const { word0, word1, word2, word3 } = route;
  const key =
    size === 4
      ? mix(word0 & masks[0], 0, 0, 0)
      : mix(word0 & masks[0], word1 & masks[1], word2 & masks[2], word3 & masks[3]);
  const candidates = ranges.get(key);
  return candidates?.some((candidate) => candidate(route)) ?? false;
}

/** A 32-bit hash of four words; equal words give equal hashes. */
function mix(a: number, b: number, c: number, d: number): number {
  let hash = a | 0;
  hash = Math.imul(hash, 0x9e3779b1) ^ b;
  hash = Math.imul(hash, 0x85ebca6b) ^ c;
  return Math.imul(hash, 0xc2b2ae35) ^ d;
}
