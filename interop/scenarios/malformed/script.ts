import { parseAddress } from '../../../src/net/address.ts';
import type { Family } from '../../../src/net/family.ts';
import { parsePrefix } from '../../../src/net/prefix.ts';
import { HEADER_LENGTH, MAX_MESSAGE } from '../../../src/wire/message.ts';
import { NO_ATTRIBUTES } from '../../../src/wire/path-attributes.ts';
import { encodeUpdate } from '../../../src/wire/update.ts';
import { isIpv6 } from '../../speaker.ts';
import { type Case, codecFor, OWN_ASN } from './cases.ts';
import type { Script } from './probe.ts';

/** The community of every route that is announced well-formed. */
export const MARK = '64999:7606';
const MARK_VALUE = 64999 * 0x10000 + 7606;

/** A prefix that the neighbour announces before the message, and one that it announces after it. */
export const innocent = (index: number): string => `198.18.${index}.0/24`;
export const later = (index: number): string => `198.19.${index}.0/24`;

/**
 * Before the message the neighbour announces, well-formed, the prefixes that the message names and
 * an innocent one; and another one behind it. Of a message that is too long only the header comes
 * first: whoever refuses it does so by the header, and would leave the rest unread.
 */
export function scriptOf(one: Case, index: number, nextHops: Record<Family, string>): Script {
  const announce = (prefixes: readonly string[]): readonly Buffer[] =>
    FAMILIES.flatMap((family) => announcement(one, family, nextHops[family], prefixes));
  const { bytes, phase, prefixes } = one;
  if (phase !== 'Established') return { ...one, first: bytes, later: Buffer.alloc(0) };
  const end = bytes.length > MAX_MESSAGE ? HEADER_LENGTH : bytes.length;
  return {
    ...one,
    first: Buffer.concat([...announce([...prefixes, innocent(index)]), bytes.subarray(0, end)]),
    later: Buffer.concat([bytes.subarray(end), ...announce([later(index)])]),
  };
}

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast'] as const;

function announcement(
  { peerAs }: Case,
  family: Family,
  nextHop: string,
  prefixes: readonly string[],
): readonly Buffer[] {
  const own = prefixes.filter((prefix) => isIpv6(prefix) === (family === 'ipv6-unicast'));
  if (own.length === 0) return [];
  const routes = own.flatMap((text) => {
    const prefix = parsePrefix(text);
    return prefix === undefined ? [] : [{ prefix }];
  });
  const internal = peerAs === OWN_ASN;
  const attributes = {
    ...NO_ATTRIBUTES,
    origin: 'igp' as const,
    asPath: internal ? [] : [{ type: 'sequence' as const, asns: [peerAs] }],
    nextHop: parseAddress(nextHop),
    localPref: internal ? 100 : undefined,
    communities: [MARK_VALUE],
  };
  return [encodeUpdate({ type: 'announce', family, routes, attributes }, codecFor(peerAs))];
}
