import {
  type AttributeDraft,
  type AttributeRemedy,
  type AttributeRow,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  OPTIONAL,
  PARTIAL,
  readAttributeHeader,
  TRANSITIVE,
} from './attributes/attribute-row.ts';
import { decodeMpReach } from './attributes/mp-reach.ts';
import { attributeRow } from './attributes/table.ts';
import { TruncatedError } from './errors.ts';
import type { CodecContext, RawAttribute } from './path-attributes.ts';
import { Reader } from './reader.ts';
import type { WireReason } from './reasons.ts';

const CATEGORY = 0xc0;
const UNUSED = 0x0f;

/** An attribute block as it stands on the wire, and what RFC 7606 has to say about each attribute. */
export interface ParsedAttributes {
  readonly draft: AttributeDraft;
  readonly remedies: AttributeRemedy[];
  /** By type code: 1 where the attribute occurred, malformed or not. */
  readonly seen: Uint8Array;
  /** An attribute overran the block; nothing behind it could be read. */
  readonly cutShort: boolean;
}

/** Reads a block attribute by attribute. Judging the set as a whole is `decodeAttributes`' part. */
export function parseAttributes(
  bytes: Buffer,
  start: number,
  end: number,
  context: CodecContext,
): ParsedAttributes {
  const block = new Reader(bytes, start, end);
  const draft = emptyDraft();
  const remedies: AttributeRemedy[] = [];
  const seen = new Uint8Array(256);
  while (block.remaining > 0) {
    const header = readAttributeHeader(block);
    if (header === undefined || header.length > block.remaining) {
      const type = header?.type ?? 0;
      remedies.push({ type, remedy: 'withdraw', reason: 'cut-short' });
      return { draft, remedies, seen, cutShort: true };
    }
    const { flags, type, length } = header;
    const value = block.sub(length);
    if (seen[type]) {
      remedies.push({ type, remedy: 'discard', reason: 'duplicate-attribute' });
      continue;
    }
    seen[type] = 1;
    if (flags & UNUSED) draft.untidy = true;
    const remedy = parseAttribute(flags, type, value, draft, context);
    if (remedy !== undefined) remedies.push(remedy);
  }
  return { draft, remedies, seen, cutShort: false };
}

function parseAttribute(
  flags: number,
  type: number,
  value: Reader,
  draft: AttributeDraft,
  context: CodecContext,
): AttributeRemedy | undefined {
  if (type === MP_UNREACH_NLRI) return undefined;
  if (type === MP_REACH_NLRI) {
    const reason = guarded(() => decodeMpReach(value, draft, context));
    return reason && { type, remedy: 'withdraw', reason };
  }
  const row = attributeRow(type);
  if (row === undefined) return keepUnknown({ flags, type, value: value.rest() }, draft);
  if (row.opaque) return checkOpaque(row, { flags, type, value: value.rest() }, draft, context);
  const badFlags = (flags & CATEGORY) !== row.category;
  if (!badFlags && row.ibgpOnly && context.kind === 'ebgp') {
    return { type, remedy: 'discard', reason: 'not-from-ebgp' };
  }
  const reason = guarded(() => row.decode(value, draft, context));
  if (badFlags) return { type, remedy: row.badFlags, reason: 'bad-flags' };
  return reason && { type, remedy: row.malformed, reason };
}

/** RFC 4271 §5 and §9: unknown optional transitive attributes travel on, marked Partial. */
function keepUnknown(raw: RawAttribute, draft: AttributeDraft): AttributeRemedy | undefined {
  const { flags, type } = raw;
  draft.opaque.push(raw);
  if ((flags & OPTIONAL) === 0) return { type, remedy: 'withdraw', reason: 'unknown-well-known' };
  if ((flags & TRANSITIVE) === 0) {
    return { type, remedy: 'discard', reason: 'unknown-non-transitive' };
  }
  keep(raw, draft);
  return undefined;
}

function checkOpaque(
  row: AttributeRow,
  raw: RawAttribute,
  draft: AttributeDraft,
  context: CodecContext,
): AttributeRemedy | undefined {
  const { flags, type } = raw;
  draft.opaque.push(raw);
  if ((flags & CATEGORY) !== row.category) {
    return { type, remedy: row.badFlags, reason: 'bad-flags' };
  }
  const reason = guarded(() => row.decode(new Reader(Buffer.from(raw.value)), draft, context));
  if (reason !== undefined) return { type, remedy: row.malformed, reason };
  keep(raw, draft);
  return undefined;
}

function keep({ type, value }: RawAttribute, draft: AttributeDraft): void {
  draft.unknown = [...draft.unknown, { flags: OPTIONAL | TRANSITIVE | PARTIAL, type, value }];
}

/** A value that ends too early has a bad length, whichever codec noticed. */
function guarded(decode: () => WireReason | undefined): WireReason | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof TruncatedError) return 'bad-length';
    throw error;
  }
}

const emptyDraft = (): AttributeDraft => ({
  origin: undefined,
  asPath: undefined,
  nextHop: undefined,
  linkLocalNextHop: undefined,
  med: undefined,
  localPref: undefined,
  atomicAggregate: false,
  aggregator: undefined,
  communities: [],
  originatorId: undefined,
  clusterList: [],
  extendedCommunities: [],
  ipv6ExtendedCommunities: [],
  largeCommunities: [],
  otc: undefined,
  unknown: [],
  mpNextHop: undefined,
  mpLinkLocalNextHop: undefined,
  as4Path: undefined,
  as4Aggregator: undefined,
  untidy: false,
  opaque: [],
});
