import { parseAddress } from '../net/address.ts';
import { containsAddress, parsePrefix } from '../net/prefix.ts';
import type { ConnectionOptions, PeerKey } from './transport.ts';

/** The password that a connection from `address` must have: the longest prefix decides. */
export function passwordFor(keys: readonly PeerKey[], address: string): string | undefined {
  const bytes = keys.length === 0 ? undefined : parseAddress(address);
  if (bytes === undefined) return undefined;
  const matching = keys.flatMap(({ from, password }) => {
    const prefix = parsePrefix(from);
    if (prefix === undefined || !containsAddress(prefix, bytes)) return [];
    return [{ length: prefix.length, password }];
  });
  return matching.sort((a, b) => b.length - a.length)[0]?.password;
}

/** TTL of what is sent, and the least TTL of what is received (RFC 5082 §3). */
export function hopLimits({ ttl, ttlSecurity }: ConnectionOptions): {
  readonly ttl?: number;
  readonly minTtl?: number;
} {
  if (ttlSecurity !== undefined) return { ttl: 255, minTtl: 256 - ttlSecurity };
  return ttl === undefined ? {} : { ttl };
}
