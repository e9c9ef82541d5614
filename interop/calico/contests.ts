import { parseAddress } from '../../src/net/address.ts';
import type { PathAttributes } from '../../src/wire/path-attributes.ts';
import type { Teller } from './updates.ts';

/**
 * For each step of the decision a path that every peer has, and whose attributes differ by the place
 * of the peer in what that step looks at.
 */
export function contestsOf({ around, peer, index }: Teller): readonly Partial<PathAttributes>[] {
  const [first] = around.neighbors;
  const neighbor = peer.asn === peer.localAsn ? 65009 : peer.asn;
  const via = (...asns: readonly number[]): Partial<PathAttributes> => ({
    asPath: [{ type: 'sequence', asns: [neighbor, ...asns] }],
  });
  const reflected = { originatorId: ORIGINATOR - index, clusterList: [1] };
  return [
    { localPref: 100 + index },
    index === 0 ? via(65010, 65020) : via(65010),
    { asPath: [{ type: index === 0 ? 'sequence' : 'set', asns: [neighbor, 65010] }] },
    { origin: ORIGINS[index % ORIGINS.length] },
    { ...via(65010), med: index === 0 ? 5 : undefined },
    { asPath: [{ type: 'sequence', asns: [65009 + index, 65010] }], med: 20 - index },
    { ...via(65010), med: 20 - index },
    { nextHop: parseAddress(index === 0 ? around.remote : first) },
    { nextHop: parseAddress(index === 0 ? around.unreachable : first) },
    { nextHop: parseAddress(first) },
    reflected,
    { originatorId: ORIGINATOR, clusterList: index === 0 ? [1, 2] : [1] },
    { communities: [index + 1] },
  ];
}

const ORIGINS = ['incomplete', 'egp', 'igp'] as const;
const ORIGINATOR = 0x0a090909;
