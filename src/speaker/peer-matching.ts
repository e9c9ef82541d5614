import type { DynamicPeerConfig, PeerConfig } from '../config/types.ts';
import { parseAddress } from '../net/address.ts';
import { containsAddress, parsePrefix } from '../net/prefix.ts';
import { establishedSlot } from '../session/state.ts';
import type { Connection } from '../transport/transport.ts';
import type { Peer } from './peer.ts';

/** Finds the configured peer that a connection from outside belongs to, among thousands. */
export class PeerMatcher {
  readonly #peers: ReadonlyMap<string, Peer>;
  #byAddress: Map<string, Peer[]> | undefined;

  constructor(peers: ReadonlyMap<string, Peer>) {
    this.#peers = peers;
  }

  /** Thousands may come and go one after the other: those of a range. */
  added(peer: Peer): void {
    if (this.#byAddress !== undefined) enter(this.#byAddress, peer);
  }

  removed(peer: Peer): void {
    const { address } = peer.config;
    const others = this.#byAddress?.get(address)?.filter((each) => each !== peer) ?? [];
    if (others.length > 0) this.#byAddress?.set(address, others);
    else this.#byAddress?.delete(address);
  }

  /** A peer has been given another address. */
  changed(): void {
    this.#byAddress = undefined;
  }

  /**
   * Peers that share an address are told apart by the local address, a link-local one's interface,
   * then by who still has no session.
   */
  match({ remote, local }: Connection): Peer | undefined {
    this.#byAddress ??= byAddress(this.#peers.values());
    const candidates = this.#byAddress.get(remote.address)?.filter(({ config }) => {
      const { localAddress = local.address, interface: zone = remote.zone } = config;
      return localAddress === local.address && (remote.zone === undefined || zone === remote.zone);
    });
    const free = candidates?.find(({ state }) => establishedSlot(state) === undefined);
    return free ?? candidates?.[0];
  }
}

function byAddress(peers: Iterable<Peer>): Map<string, Peer[]> {
  const found = new Map<string, Peer[]>();
  for (const peer of peers) enter(found, peer);
  return found;
}

function enter(found: Map<string, Peer[]>, peer: Peer): void {
  const { address } = peer.config;
  const others = found.get(address);
  if (others === undefined) found.set(address, [peer]);
  else others.push(peer);
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
