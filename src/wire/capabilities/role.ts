import type { CapabilityRow } from './capability-row.ts';

export interface Role {
  readonly type: 'role';
  /** 0 Provider, 1 RS, 2 RS-Client, 3 Customer, 4 Peer. */
  readonly role: number;
}

/**
 * BGP Role, RFC 9234 §4.1.
 *
 *   role  1 octet
 */
export const role: CapabilityRow<Role> = {
  code: 9,
  type: 'role',
  decode: (value) => (value.remaining === 1 ? { type: 'role', role: value.u8() } : undefined),
  encode: (out, { role }) => out.u8(role),
};
