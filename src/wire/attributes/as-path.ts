import type { AsPathSegment, CodecContext, PathAttributes } from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';
import { type AttributeDraft, WELL_KNOWN, writeAttributeHeader } from './attribute-row.ts';

/** Stands for an AS number that does not fit 2 octets, RFC 6793 §4.2.2. */
export const AS_TRANS = 23456;

const AS_PATH = 2;
const MOST_IN_SEGMENT = 255;
/** Segment types by their code. */
export const SEGMENT_TYPES: readonly (AsPathSegment['type'] | undefined)[] = [
  undefined,
  'set',
  'sequence',
  'confed-sequence',
  'confed-set',
];

/** True for the segments of RFC 5065 §3, which count nothing and never leave a confederation. */
export const isConfed = ({ type }: AsPathSegment): boolean => isConfedType(type);

export const isConfedType = (type: AsPathSegment['type']): boolean =>
  type === 'confed-sequence' || type === 'confed-set';

/**
 * AS_PATH, RFC 4271 §5.1.2. Confederation segments from outside are an error (RFC 5065 §5).
 *
 *   segments, each:
 *     type   1 octet   1 set | 2 sequence | 3 confed sequence | 4 confed set
 *     count  1 octet   of AS numbers
 *     asns   2 or 4 octets each (RFC 6793)
 */
export function decodeAsPath(
  value: Reader,
  draft: AttributeDraft,
  { as4, kind }: CodecContext,
): WireReason | undefined {
  const segments = readSegments(value, as4 ? 4 : 2);
  if (typeof segments === 'string') return segments;
  draft.asPath = segments;
  if (segments.some(({ asns }) => asns.includes(0))) return 'as-zero';
  return kind === 'ebgp' && segments.some(isConfed) ? 'confed-segment' : undefined;
}

/** In a 2-octet session AS numbers that do not fit become AS_TRANS. */
export function encodeAsPath(out: Writer, { asPath }: PathAttributes, { as4 }: CodecContext): void {
  if (asPath === undefined) return;
  const pieces = splitSegments(asPath);
  const size = as4 ? 4 : 2;
  writeAttributeHeader(out, WELL_KNOWN, AS_PATH, segmentsLength(pieces, size));
  writeSegments(out, pieces, size);
}

/** Reads the segments of AS_PATH or AS4_PATH. */
export function readSegments(value: Reader, size: 2 | 4): readonly AsPathSegment[] | WireReason {
  const segments: AsPathSegment[] = [];
  while (value.remaining > 0) {
    if (value.remaining < 2) return 'bad-segment';
    const type = SEGMENT_TYPES[value.u8()];
    const count = value.u8();
    if (type === undefined || count === 0 || value.remaining < count * size) return 'bad-segment';
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(size === 4 ? value.u32() : value.u16());
    segments.push({ type, asns });
  }
  return segments;
}

/** No segment of the result has more AS numbers than its count octet can say. */
export function splitSegments(segments: readonly AsPathSegment[]): readonly AsPathSegment[] {
  if (segments.every(({ asns }) => asns.length <= MOST_IN_SEGMENT)) return segments;
  return segments.flatMap(({ type, asns }) => {
    const count = Math.ceil(asns.length / MOST_IN_SEGMENT);
    return Array.from({ length: count }, (_, i) => ({
      type,
      asns: asns.slice(i * MOST_IN_SEGMENT, (i + 1) * MOST_IN_SEGMENT),
    }));
  });
}

export function segmentsLength(segments: readonly AsPathSegment[], size: 2 | 4): number {
  return segments.reduce((sum, { asns }) => sum + 2 + asns.length * size, 0);
}

export function writeSegments(out: Writer, segments: readonly AsPathSegment[], size: 2 | 4): void {
  for (const { type, asns } of segments) {
    out.u8(SEGMENT_TYPES.indexOf(type));
    out.u8(asns.length);
    for (const asn of asns) {
      if (size === 4) out.u32(asn);
      else out.u16(asn > 0xffff ? AS_TRANS : asn);
    }
  }
}
