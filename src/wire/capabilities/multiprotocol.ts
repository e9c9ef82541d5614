import type { AfiSafi, CapabilityRow } from './capability-row.ts';

export interface Multiprotocol extends AfiSafi {
  readonly type: 'multiprotocol';
}

/**
 * Multiprotocol Extensions, RFC 4760 §8.
 *
 *   AFI       2 octets
 *   reserved  1 octet
 *   SAFI      1 octet
 */
export const multiprotocol: CapabilityRow<Multiprotocol> = {
  code: 1,
  type: 'multiprotocol',
  decode(value) {
    if (value.remaining !== 4) return undefined;
    const afi = value.u16();
    value.u8();
    return { type: 'multiprotocol', afi, safi: value.u8() };
  },
  encode(out, { afi, safi }) {
    out.u16(afi);
    out.u8(0);
    out.u8(safi);
  },
};
