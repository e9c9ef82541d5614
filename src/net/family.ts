/** The address families bengal routes: AFI 1 and 2 with SAFI 1 (unicast), RFC 4760. */
export type Family = 'ipv4-unicast' | 'ipv6-unicast';

export const FAMILIES: readonly Family[] = ['ipv4-unicast', 'ipv6-unicast'];

export const SAFI_UNICAST = 1;

/** Address Family Identifier of a family: 1 for IPv4, 2 for IPv6. */
export const afiOf = (family: Family): 1 | 2 => (family === 'ipv4-unicast' ? 1 : 2);

/** The family of an AFI/SAFI pair, or undefined when bengal does not route it. */
export function familyOf(afi: number, safi: number): Family | undefined {
  if (safi !== SAFI_UNICAST) return undefined;
  if (afi === 1) return 'ipv4-unicast';
  return afi === 2 ? 'ipv6-unicast' : undefined;
}

/** Longest prefix length of a family, in bits. */
export const maxLengthOf = (family: Family): 32 | 128 => (family === 'ipv4-unicast' ? 32 : 128);
