import type { AddressBytes } from '../../net/address.ts';
import type {
  Aggregator,
  AsPathSegment,
  CodecContext,
  PathAttributes,
  RawAttribute,
} from '../path-attributes.ts';
import type { Reader } from '../reader.ts';
import type { WireReason } from '../reasons.ts';
import type { Writer } from '../writer.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The attributes as they stand on the wire, before AS4_PATH is merged and next hops are chosen. */
export interface AttributeDraft extends Mutable<PathAttributes> {
  mpNextHop: AddressBytes | undefined;
  mpLinkLocalNextHop: AddressBytes | undefined;
  as4Path: readonly AsPathSegment[] | undefined;
  as4Aggregator: Aggregator | undefined;
  /** Something was left out without being an error: the bytes must not be sent on as they are. */
  untidy: boolean;
  /** Everything that bengal does not interpret, as received, kept or not. */
  readonly opaque: RawAttribute[];
}

/** What RFC 7606 §2 does about an attribute, mildest first. `default`: a value was assumed. */
export type Remedy = 'default' | 'discard' | 'withdraw';

/** One thing that RFC 7606 repaired. */
export interface AttributeRemedy {
  /** Attribute type code; 0 for the attribute block itself. */
  readonly type: number;
  readonly remedy: Remedy;
  readonly reason: WireReason;
}

/** An attribute that bengal knows: its definition, what to do when it is malformed, its codec. */
export interface AttributeRow {
  readonly type: number;
  /** The RFC's name. */
  readonly name: string;
  /** The Optional (0x80) and Transitive (0x40) bits of its definition. */
  readonly category: number;
  readonly malformed: 'discard' | 'withdraw';
  readonly badFlags: 'discard' | 'withdraw';
  /** From eBGP it is discarded whatever it holds. */
  readonly ibgpOnly?: true;
  /** Checked here, interpreted nowhere: it travels on as received. */
  readonly opaque?: true;
  /**
   * Fills the draft, or says what is wrong; a `TruncatedError` says it too. A value that is to be
   * discarded never reaches the draft.
   */
  decode(value: Reader, draft: AttributeDraft, context: CodecContext): WireReason | undefined;
  /** Appends the attribute with its header where the route has it. */
  encode?(out: Writer, attributes: PathAttributes, context: CodecContext): void;
}

/** Attribute flags, RFC 4271 §4.3. */
export const OPTIONAL = 0x80;
export const TRANSITIVE = 0x40;
export const PARTIAL = 0x20;
export const EXTENDED_LENGTH = 0x10;

/** The categories of RFC 4271 §5 as the two bits that define them. */
export const WELL_KNOWN = 0x40;
export const OPTIONAL_TRANSITIVE = 0xc0;

/** Type codes of the attributes that carry prefixes, RFC 4760. */
export const MP_REACH_NLRI = 14;
export const MP_UNREACH_NLRI = 15;

/**
 * Attribute header, RFC 4271 §4.3. A value of more than 65,535 octets cannot be expressed; a block
 * with one is longer than any message, so that nobody sends it.
 *
 *   flags   1 octet   Optional | Transitive | Partial | Extended Length | 4 unused
 *   type    1 octet
 *   length  1 octet, 2 with Extended Length
 */
export function writeAttributeHeader(
  out: Writer,
  flags: number,
  type: number,
  length: number,
): void {
  out.u8(length > 255 ? flags | EXTENDED_LENGTH : flags);
  out.u8(type);
  if (length > 255) out.u16(length);
  else out.u8(length);
}

/** An attribute header, read. */
export interface AttributeHeader {
  readonly flags: number;
  readonly type: number;
  readonly length: number;
}

/** Layout: `writeAttributeHeader`. Undefined when the header itself is cut short. */
export function readAttributeHeader(block: Reader): AttributeHeader | undefined {
  if (block.remaining < 3) return undefined;
  const flags = block.u8();
  const type = block.u8();
  if ((flags & EXTENDED_LENGTH) === 0) return { flags, type, length: block.u8() };
  return block.remaining < 2 ? undefined : { flags, type, length: block.u16() };
}
