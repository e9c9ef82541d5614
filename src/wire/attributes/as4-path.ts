import type { AsPathSegment, CodecContext, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { isConfed, readSegments, segmentsLength, splitSegments, writeSegments } from './as-path.ts';
import { type AttributeDraft, OPTIONAL_TRANSITIVE, writeAttributeHeader } from './attribute-row.ts';

const AS4_PATH = 17;
const SHORTEST = 6;

/**
 * AS4_PATH, RFC 6793 §3, from a 2-octet speaker only: the segments of AS_PATH with 4-octet AS
 * numbers. Confederation segments are removed, they are no reason to lose the rest (§6).
 */
export function decodeAs4Path(
  value: Reader,
  draft: AttributeDraft,
  { as4 }: CodecContext,
): WireReason | undefined {
  if (as4) return 'not-from-as4-speaker';
  if (value.remaining < SHORTEST || value.remaining % 2 !== 0) return 'bad-length';
  const segments = readSegments(value, 4);
  if (typeof segments === 'string') return segments;
  if (segments.some(({ asns }) => asns.includes(0))) return 'as-zero';
  draft.as4Path = segments.filter((segment) => !isConfed(segment));
  return undefined;
}

/** To a 2-octet speaker, and only where AS_PATH cannot say it (RFC 6793 §4.2.2). */
export function encodeAs4Path(
  out: Writer,
  { asPath }: PathAttributes,
  { as4 }: CodecContext,
): void {
  if (as4 || asPath === undefined || !asPath.some(isWide)) return;
  const pieces = splitSegments(asPath.filter((segment) => !isConfed(segment)));
  writeAttributeHeader(out, OPTIONAL_TRANSITIVE, AS4_PATH, segmentsLength(pieces, 4));
  writeSegments(out, pieces, 4);
}

const isWide = (segment: AsPathSegment): boolean =>
  !isConfed(segment) && segment.asns.some((asn) => asn > 0xffff);

/**
 * The path that a 2-octet speaker meant, RFC 6793 §4.2.3: AS4_PATH behind as many leading AS
 * numbers of AS_PATH as it lacks. An AS4_PATH that counts more than AS_PATH is ignored.
 */
export function mergeAs4Path(
  asPath: readonly AsPathSegment[],
  as4Path: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  let missing = pathLength(asPath) - pathLength(as4Path);
  if (missing < 0) return asPath;
  const head: AsPathSegment[] = [];
  for (const segment of asPath) {
    const count = pathLength([segment]);
    if (count > 0 && missing === 0) break;
    const whole = count <= missing;
    head.push(whole ? segment : { type: segment.type, asns: segment.asns.slice(0, missing) });
    missing = whole ? missing - count : 0;
    if (!whole) break;
  }
  return joined(head, as4Path);
}

/** Number of AS numbers as the decision counts them: a set is 1, confederations are 0. */
function pathLength(segments: readonly AsPathSegment[]): number {
  let length = 0;
  for (const { type, asns } of segments) {
    if (type === 'sequence') length += asns.length;
    else if (type === 'set') length += 1;
  }
  return length;
}

/** Two sequences that meet become one, as the 4-octet speaker would have sent it. */
function joined(
  head: readonly AsPathSegment[],
  tail: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  const last = head.at(-1);
  const [first, ...rest] = tail;
  if (last?.type !== 'sequence' || first?.type !== 'sequence') return [...head, ...tail];
  return [...head.slice(0, -1), { type: 'sequence', asns: [...last.asns, ...first.asns] }, ...rest];
}
