import type { CapabilityRow } from './capability-row.ts';

export interface As4 {
  readonly type: 'as4';
  readonly asn: number;
}

export const AS4_CODE = 65;

/**
 * Support for 4-octet AS number, RFC 6793 §3.
 *
 *   asn  4 octets
 */
export const as4: CapabilityRow<As4> = {
  code: AS4_CODE,
  type: 'as4',
  decode: (value) => (value.remaining === 4 ? { type: 'as4', asn: value.u32() } : undefined),
  encode: (out, { asn }) => out.u32(asn),
};
