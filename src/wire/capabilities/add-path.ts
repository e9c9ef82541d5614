import type { AfiSafi, CapabilityRow } from './capability-row.ts';

export interface AddPath {
  readonly type: 'add-path';
  /** `mode`: 1 the sender of the OPEN can receive, 2 send, 3 both. */
  readonly families: readonly (AfiSafi & { readonly mode: number })[];
}

/**
 * ADD-PATH, RFC 7911 §4. An entry with another mode is ignored.
 *
 *   families, each:
 *     AFI   2 octets
 *     SAFI  1 octet
 *     mode  1 octet
 */
export const addPath: CapabilityRow<AddPath> = {
  code: 69,
  type: 'add-path',
  decode(value) {
    const families: AddPath['families'][number][] = [];
    while (value.remaining > 0) {
      const entry = { afi: value.u16(), safi: value.u8(), mode: value.u8() };
      if (entry.mode >= 1 && entry.mode <= 3) families.push(entry);
    }
    return { type: 'add-path', families };
  },
  encode(out, { families }) {
    for (const { afi, safi, mode } of families) {
      out.u16(afi);
      out.u8(safi);
      out.u8(mode);
    }
  },
};
