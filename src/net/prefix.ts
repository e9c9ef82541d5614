import { type AddressBytes, formatAddress, parseAddress } from './address.ts';
import type { Family } from './family.ts';

/** An IP prefix. `address` is masked: bits beyond `length` are zero. */
export interface Prefix {
  /** 4 octets for IPv4, 16 for IPv6. */
  readonly address: AddressBytes;
  /** In bits. */
  readonly length: number;
}

/**
 * Parses `address/length`, or a bare address as a host prefix; host bits are masked away.
 * Undefined when `text` is neither.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const most = address.length * 8;
  if (slash < 0) return { address, length: most };
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(lengthText) || Number(lengthText) > most) return undefined;
  return maskedPrefix(address, Number(lengthText));
}

export const formatPrefix = ({ address, length }: Prefix): string =>
  `${formatAddress(address)}/${length}`;

export const prefixFamily = ({ address }: Prefix): Family =>
  address.length === 4 ? 'ipv4-unicast' : 'ipv6-unicast';

/** A prefix of `length` bits that holds `address`, with the host bits cleared. */
export function maskedPrefix(address: AddressBytes, length: number): Prefix {
  const masked = Uint8Array.from(address);
  const whole = length >> 3;
  if (whole < masked.length) {
    masked[whole] = (masked[whole] ?? 0) & (0xff00 >> (length & 7)) & 0xff;
    masked.fill(0, whole + 1);
  }
  return { address: masked, length };
}

/** True when `inner` lies within `outer` or equals it; prefixes of two families never do. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && containsAddress(outer, inner.address);
}

export function containsAddress(outer: Prefix, address: AddressBytes): boolean {
  if (outer.address.length !== address.length) return false;
  const whole = outer.length >> 3;
  for (let i = 0; i < whole; i++) if (outer.address[i] !== address[i]) return false;
  const mask = 0xff00 >> (outer.length & 7);
  return (((outer.address[whole] ?? 0) ^ (address[whole] ?? 0)) & mask & 0xff) === 0;
}

export function equalPrefixes(a: Prefix, b: Prefix): boolean {
  return a.length === b.length && containsPrefix(a, b);
}
