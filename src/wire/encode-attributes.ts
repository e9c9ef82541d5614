import { writeAttributeHeader } from './attributes/attribute-row.ts';
import { ATTRIBUTES } from './attributes/table.ts';
import type { CodecContext, PathAttributes } from './path-attributes.ts';
import { Writer } from './writer.ts';

/** The attribute block of a route, as `writeAttributes` writes it. */
export function encodeAttributes(attributes: PathAttributes, context: CodecContext): Buffer {
  const out = new Writer();
  writeAttributes(out, attributes, context);
  return out.done();
}

/**
 * Appends the attribute block of a route, in ascending type order, as it stands in an UPDATE without
 * MP_REACH_NLRI: a 4-octet next hop is NEXT_HOP, a 16-octet one is left to `startMpReach`. Writes
 * what it is given; which attributes a peer may see is the caller's business, and so is a block
 * that does not fit a message.
 */
export function writeAttributes(
  out: Writer,
  attributes: PathAttributes,
  context: CodecContext,
): void {
  const unknown = attributes.unknown.toSorted((a, b) => a.type - b.type);
  let next = 0;
  const writeUnknown = (before: number): void => {
    for (let raw = unknown[next]; raw !== undefined && raw.type < before; raw = unknown[++next]) {
      writeAttributeHeader(out, raw.flags, raw.type, raw.value.length);
      out.bytes(raw.value);
    }
  };
  for (const row of ATTRIBUTES) {
    writeUnknown(row.type);
    row.encode?.(out, attributes, context);
  }
  writeUnknown(256);
}
