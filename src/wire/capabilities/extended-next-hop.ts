import type { AfiSafi, CapabilityRow } from './capability-row.ts';

export interface ExtendedNextHop {
  readonly type: 'extended-next-hop';
  readonly entries: readonly (AfiSafi & { readonly nextHopAfi: number })[];
}

/**
 * Extended Next Hop Encoding, RFC 8950 §4.
 *
 *   entries, each:
 *     AFI           2 octets
 *     SAFI          2 octets
 *     next hop AFI  2 octets
 */
export const extendedNextHop: CapabilityRow<ExtendedNextHop> = {
  code: 5,
  type: 'extended-next-hop',
  decode(value) {
    const entries: ExtendedNextHop['entries'][number][] = [];
    while (value.remaining > 0) {
      entries.push({ afi: value.u16(), safi: value.u16(), nextHopAfi: value.u16() });
    }
    return { type: 'extended-next-hop', entries };
  },
  encode(out, { entries }) {
    for (const { afi, safi, nextHopAfi } of entries) {
      out.u16(afi);
      out.u16(safi);
      out.u16(nextHopAfi);
    }
  },
};
