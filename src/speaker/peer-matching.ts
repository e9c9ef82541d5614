import type { DynamicPeerConfig, PeerConfig } from '../config/types.ts';
import { parseAddress } from '../net/address.ts';
import { containsAddress, parsePrefix } from '../net/prefix.ts';
import { establishedSlot } from '../session/state.ts';
import type { Connection } from '../transport/transport.ts';
import type { Peer } from './peer.ts';

/**
 * The configured peer that a connection from outside belongs to. Peers that share an address are
 * told apart by the local address, a link-local one's interface, then by who still has no session.
 */
export function matchPeer(peers: Iterable<Peer>, connection: Connection): Peer | undefined {
  const { remote, local } = connection;
  const candidates: Peer[] = [];
  for (const peer of peers) {
    const { address, localAddress = local.address, interface: zone = remote.zone } = peer.config;
    const onLink = remote.zone === undefined || zone === remote.zone;
    if (address === remote.address && localAddress === local.address && onLink) {
      candidates.push(peer);
    }
  }
  return candidates.find(({ state }) => establishedSlot(state) === undefined) ?? candidates[0];
}

/** The address range that a connection's source lies in: the longest one. */
export function matchRange(
  ranges: readonly DynamicPeerConfig[],
  address: string,
): DynamicPeerConfig | undefined {
  const bytes = parseAddress(address);
  if (bytes === undefined) return undefined;
  const matching = ranges.flatMap((range) => {
    const prefix = parsePrefix(range.range);
    return prefix !== undefined && containsAddress(prefix, bytes) ? [{ range, prefix }] : [];
  });
  matching.sort((a, b) => b.prefix.length - a.prefix.length);
  return matching[0]?.range;
}

/** The peer that a range makes of one address: it is never dialled. */
export function dynamicPeer(range: DynamicPeerConfig, address: string): PeerConfig {
  const { range: _range, max: _max, ...session } = range;
  return {
    ...session,
    name: `dynamic_${address.replaceAll(/[.:]/g, '_')}`,
    address,
    passive: true,
    shutdown: undefined,
  };
}
