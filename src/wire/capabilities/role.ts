import type { CapabilityRow } from './capability-row.ts';

/** The roles in the order of their codes. */
export const ROLES = ['provider', 'rs', 'rs-client', 'customer', 'peer'] as const;

/** What one side is to the other. */
export type BgpRole = (typeof ROLES)[number];

export interface Role {
  readonly type: 'role';
  /** The index in `ROLES`, unless the peer sent a greater one. */
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
