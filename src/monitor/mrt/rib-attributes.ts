import { afiOf, FAMILIES, type Family } from '../../net/family.ts';
import type { Prefix } from '../../net/prefix.ts';
import {
  MP_REACH_NLRI,
  OPTIONAL,
  readAttributeHeader,
  writeAttributeHeader,
} from '../../wire/attributes/attribute-row.ts';
import { encodeAttributes } from '../../wire/encode-attributes.ts';
import { endMessage } from '../../wire/header.ts';
import { MAX_EXTENDED_MESSAGE } from '../../wire/message.ts';
import { MAX_NLRI_LENGTH, writePathId, writePrefix } from '../../wire/nlri.ts';
import type { CodecContext, PathAttributes } from '../../wire/path-attributes.ts';
import { Reader } from '../../wire/reader.ts';
import {
  endAttributes,
  endMpAttribute,
  MP_REACH_OVERHEAD,
  startAttributes,
  startMpReach,
  startUpdate,
  UPDATE_OVERHEAD,
  writeBytes,
} from '../../wire/update-writer.ts';
import { Writer } from '../../wire/writer.ts';
import { malformed } from './record.ts';

/** A table dump always has 4-octet AS numbers (RFC 6396 §4.3.4). */
export const TABLE_CODEC: CodecContext = {
  as4: true,
  kind: 'ibgp',
  addPath: [],
  families: FAMILIES,
  maxMessage: MAX_EXTENDED_MESSAGE,
  extendedNextHop: true,
};

/** Length octets of the attributes of an UPDATE that is too long to be one. */
const MOST_ATTRIBUTES = MAX_EXTENDED_MESSAGE - UPDATE_OVERHEAD - MP_REACH_OVERHEAD - 64;

/** The attributes of a RIB entry; MP_REACH_NLRI holds the next hop alone (RFC 6396 §4.3.4). */
export function encodeRibAttributes(attributes: PathAttributes): Buffer {
  const block = encodeAttributes(attributes, TABLE_CODEC);
  const { nextHop, linkLocalNextHop } = attributes;
  if (nextHop === undefined || nextHop.length === 4) return block;
  const out = new Writer(block.length + 40);
  const size = nextHop.length + (linkLocalNextHop?.length ?? 0);
  out.bytes(block);
  writeAttributeHeader(out, OPTIONAL, MP_REACH_NLRI, 1 + size);
  out.u8(size);
  out.bytes(nextHop);
  if (linkLocalNextHop !== undefined) out.bytes(linkLocalNextHop);
  return out.done();
}

/** What the entry's peer may have sent: an UPDATE that announces the prefix with its attributes. */
export function entryUpdate(
  attributes: Buffer,
  family: Family,
  prefix: Prefix,
  pathId: number | undefined,
): Buffer {
  const { block, nextHop } = splitNextHop(attributes);
  if (block.length > MOST_ATTRIBUTES) throw malformed('attributes do not fit a message');
  const out = Buffer.alloc(
    UPDATE_OVERHEAD + MP_REACH_OVERHEAD + 64 + block.length + MAX_NLRI_LENGTH,
  );
  const writeNlri = (from: number): number =>
    writePrefix(out, pathId === undefined ? from : writePathId(out, from, pathId), prefix);
  const begin = startAttributes(out, 0, startUpdate(out, 0));
  let at = begin;
  if (nextHop !== undefined) {
    at = writeNlri(startMpReach(out, at, afiOf(family), nextHop));
    endMpAttribute(out, begin, at);
  }
  at = writeBytes(out, at, block);
  endAttributes(out, begin, at);
  if (nextHop === undefined) at = writeNlri(at);
  return out.subarray(0, endMessage(out, 0, at));
}

/** Takes the next hop of MP_REACH_NLRI out of a block. */
function splitNextHop(attributes: Buffer): { block: Buffer; nextHop: Uint8Array | undefined } {
  const reader = new Reader(attributes);
  const parts: Buffer[] = [];
  let nextHop: Uint8Array | undefined;
  while (reader.remaining > 0) {
    const from = attributes.length - reader.remaining;
    const header = readAttributeHeader(reader);
    if (header === undefined) throw malformed('an attribute is cut short');
    const value = reader.bytes(header.length);
    if (header.type === MP_REACH_NLRI) nextHop = nextHopOf(value);
    else parts.push(attributes.subarray(from, attributes.length - reader.remaining));
  }
  return { block: Buffer.concat(parts), nextHop };
}

/** Some programs write the whole attribute: it begins with an AFI, whose first octet is 0. */
function nextHopOf(value: Uint8Array): Uint8Array {
  const at = value[0] === 0 ? 3 : 0;
  const length = value[at] ?? 0;
  if (length > 32 || at + 1 + length > value.length) throw malformed('a next hop is cut short');
  return value.subarray(at + 1, at + 1 + length);
}
