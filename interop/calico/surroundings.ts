import type { Family } from '../../src/net/family.ts';
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts';

/** What kernel and peers tell about in one family, the same to both speakers. */
export interface Surroundings {
  readonly family: Family;
  /** Prefixes that the configuration has a rule for, and one that none is about. */
  readonly prefixes: readonly Prefix[];
  /** On the segment and nobody's. */
  readonly neighbors: readonly [string, string];
  /** Somewhere behind the router. */
  readonly remote: string;
  /** In a network that the kernel knows to be unreachable. */
  readonly unreachable: string;
}

export const UNREACHABLE = { 4: '198.51.100.0/24', 16: 'fd51:100::/64' } as const;

/** The surroundings in which every rule of a configuration has something to do. */
export function surroundingsOf(texts: readonly string[], size: 4 | 16): Surroundings {
  const written = texts.join('\n').match(/[0-9a-f.:]+\/\d+/g) ?? [];
  const outside = size === 4 ? '172.31.5.0/24' : 'fd99::/64';
  const known = [...new Set([...written, outside])].flatMap((text) => parsePrefix(text) ?? []);
  return {
    family: size === 4 ? 'ipv4-unicast' : 'ipv6-unicast',
    prefixes: known.filter(({ address }) => address.length === size),
    neighbors: size === 4 ? ['10.77.0.9', '10.77.0.10'] : ['fd77::9', 'fd77::10'],
    remote: size === 4 ? '203.0.113.9' : 'fd13:113::9',
    unreachable: size === 4 ? '198.51.100.9' : 'fd51:100::9',
  };
}

/** Whether the last octet of a prefix is all host bits. */
export const isRoomy = ({ address, length }: Prefix): boolean => length <= address.length * 8 - 8;

/** The host route `number` places behind the first address of `prefix`, or the last that is in it. */
export function hostOf({ address, length }: Prefix, number: number): Prefix {
  const bits = address.length * 8;
  const most = 2 ** Math.min(8, bits - length) - 1;
  const host = Uint8Array.from(address);
  host[host.length - 1] = (host.at(-1) ?? 0) + Math.min(number, most);
  return { address: host, length: bits };
}
