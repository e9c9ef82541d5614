import { parseAddress } from '../../src/net/address.ts';
import type { PathAttributes } from '../../src/wire/path-attributes.ts';
import type { Teller } from './updates.ts';

/**
 * For each step of the decision a path that every peer has, and whose attributes differ by the place
 * of the peer in what that step looks at.
 */
export function contestsOf({ around, peer, index }: Teller): readonly Partial<PathAttributes>[] {
  const [first] = around.neighbors;
  const via = (...asns: readonly number[]): Partial<PathAttributes> => ({
    asPath: [{ type: 'sequence', asns: [peer.asn, ...asns] }],
  });
  const behind = via(65010);
  const reflected = { originatorId: ORIGINATOR - index, clusterList: [1] };
  return [
    { localPref: 100 + index },
    index === 0 ? via(65010, 65020, 65030) : behind,
    { ...behind, asPath: [{ type: 'set', asns: [peer.asn, 65010] }] },
    { origin: ORIGINS[index % ORIGINS.length] },
    { ...SHARED, med: 20 - index },
    { ...SHARED, med: index === 0 ? 5 : undefined },
    { asPath: [{ type: 'sequence', asns: [peer.asn, 65010 + index] }], med: 20 - index },
    { nextHop: parseAddress(index === 0 ? around.remote : first) },
    { nextHop: parseAddress(index === 0 ? around.unreachable : first) },
    { nextHop: parseAddress(first) },
    reflected,
    { originatorId: ORIGINATOR, clusterList: index === 0 ? [1, 2] : [1] },
    { communities: [index + 1] },
  ];
}

const ORIGINS = ['incomplete', 'egp', 'igp'] as const;
/** Through one neighbouring AS, so that MEDs may be compared. */
const SHARED: Partial<PathAttributes> = { asPath: [{ type: 'sequence', asns: [65009, 65010] }] };
const ORIGINATOR = 0x0a090909;
