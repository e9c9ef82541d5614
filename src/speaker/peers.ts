import type { ConfigChange } from '../config/diff.ts';
import type { DynamicPeerConfig, PeerConfig, SpeakerConfig } from '../config/types.ts';
import { type AddressBytes, parseAddress } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import type { RibSession } from '../rib/types.ts';
import type { Timer } from '../runtime/clock.ts';
import type { OwnRestart } from '../session/state.ts';
import type { Connection } from '../transport/transport.ts';
import type { Fib } from './fib.ts';
import type { OwnAddresses } from './own-addresses.ts';
import { Peer, type PeerContext } from './peer.ts';
import { dynamicPeer, matchPeer, matchRange } from './peer-matching.ts';
import { PeerRoutes } from './peer-routes.ts';
import { Recovery } from './recovery.ts';
import type { Routing } from './routing.ts';
import type { HeldPeer } from './speaker.ts';

/** Cease subcodes, RFC 4486 §4. */
const PEER_DECONFIGURED = 3;
const OTHER_CONFIGURATION_CHANGE = 6;

/** Seconds after the start during which a new session may be the first after a restart. */
const RESTART_WINDOW = 120;

export interface PeersOptions extends Omit<PeerContext, 'routerId' | 'moved' | 'endOfRib'> {
  readonly routing: Routing;
  readonly fib: Fib | undefined;
  readonly addresses: OwnAddresses;
  readonly changed: () => void;
}

/** All peers of a speaker: configured ones, those of address ranges, and those kept down. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #held = new Map<string, string>();
  readonly #dynamic = new Set<Peer>();
  #ranges: readonly DynamicPeerConfig[] = [];
  #config: SpeakerConfig | undefined;
  #recovery: Recovery | undefined;
  #starting = false;
  #window: Timer | undefined;
  #refused = 0;

  constructor(options: PeersOptions) {
    this.#options = options;
  }

  get all(): Iterable<Peer> {
    return this.#peers.values();
  }

  /** Connections closed because nobody is configured at their source. */
  get refused(): number {
    return this.#refused;
  }

  heldReason(name: string): string | undefined {
    return this.#held.get(name);
  }

  get recovering(): readonly string[] | undefined {
    return this.#recovery?.awaited;
  }

  /** `changes` by name; undefined for the first configuration. */
  apply(
    config: SpeakerConfig,
    held: readonly HeldPeer[],
    changes: ReadonlyMap<string, ConfigChange> | undefined,
  ): void {
    this.#config = config;
    this.#ranges = config.dynamicPeers;
    this.#hold(config, held);
    if (changes === undefined) this.#begin(config);
    const wanted = new Map(config.peers.map((peer) => [peer.name, peer]));
    for (const peer of [...this.#peers.values()]) {
      if (this.#dynamic.has(peer)) this.#applyDynamic(peer, changes);
      else if (!wanted.has(peer.name)) this.#remove(peer, PEER_DECONFIGURED);
    }
    for (const peer of config.peers) this.#applyOne(peer, changes?.get(peer.name));
  }

  /** A connection from outside: handed to the peer that it belongs to, or closed. */
  accept(connection: Connection): void {
    const peer = matchPeer(this.#peers.values(), connection) ?? this.#join(connection);
    if (peer !== undefined && !this.#held.has(peer.name)) {
      peer.offer(connection);
      return;
    }
    this.#refused++;
    const { address } = connection.remote;
    const reason = peer === undefined ? 'nobody is configured there' : this.#held.get(peer.name);
    this.#options.logger.debug({ address, reason }, 'connection refused');
    connection.destroy();
  }

  /** Ends every session: the identity of the speaker changes. */
  end(): void {
    for (const peer of [...this.#peers.values()]) this.#remove(peer, OTHER_CONFIGURATION_CHANGE);
    this.#recovery?.cancel();
    this.#window?.cancel();
  }

  /** Leaves without a word to anybody. */
  stop(): void {
    this.#recovery?.cancel();
    this.#window?.cancel();
    for (const peer of this.#peers.values()) peer.stop('silent');
  }

  #applyOne(config: PeerConfig, change: ConfigChange | undefined): void {
    const peer = this.#peers.get(config.name);
    const held = this.#held.has(config.name);
    if (peer === undefined) {
      const added = this.#add(config);
      if (!held) added.start(this.#own());
      return;
    }
    if (change !== undefined) {
      peer.routes.rib.configure(this.#options.routing.peerSettings(config));
      peer.reconfigure(config, change.change.type === 'reset' ? change.change.cease : undefined);
    }
    if (held && peer.state.enabled) peer.stop(OTHER_CONFIGURATION_CHANGE);
    if (!held && !peer.state.enabled) peer.start(this.#own());
  }

  /** A dynamic peer follows its range: gone with it, restarted when it changes. */
  #applyDynamic(peer: Peer, changes: ReadonlyMap<string, ConfigChange> | undefined): void {
    const range = matchRange(this.#ranges, peer.config.address);
    if (range === undefined) this.#remove(peer, PEER_DECONFIGURED);
    else if (changes?.has(range.range) === true) {
      this.#remove(peer, OTHER_CONFIGURATION_CHANGE);
    }
  }

  #hold(config: SpeakerConfig, held: readonly HeldPeer[]): void {
    this.#held.clear();
    for (const peer of config.peers) {
      const reason = unsupported(peer);
      if (reason !== undefined) this.#held.set(peer.name, reason);
    }
    for (const { peer, reason } of held) this.#held.set(peer, reason);
    for (const [peer, reason] of this.#held) {
      this.#options.logger.warn({ peer, reason }, 'peer is kept down');
    }
  }

  /**
   * The first sessions say that we restarted and kept forwarding, as BIRD does with -R: peers that
   * hold routes of a life before this one keep them until End-of-RIB. If that life left routes in
   * the FIB, or was a reflector's, selection waits for what the peers kept (RFC 4724 §4.1).
   */
  #begin(config: SpeakerConfig): void {
    const { clock, routing, fib } = this.#options;
    this.#starting = true;
    const lived = fib === undefined ? config.clusterId !== undefined : fib.previousLife;
    if (!lived) {
      this.#window = clock.setTimer('restart-window', RESTART_WINDOW * 1000, () => this.#started());
      return;
    }
    const peers = config.peers
      .filter(({ name, gracefulRestart }) => gracefulRestart !== undefined && !this.#held.has(name))
      .map(({ name }) => name);
    routing.rib.defer();
    this.#recovery = new Recovery({ clock, peers, done: (reason) => this.#recovered(reason) });
  }

  #recovered(reason: string): void {
    this.#options.logger.info({ reason }, 'recovery from restart is over');
    this.#recovery = undefined;
    this.#started();
    this.#options.routing.rib.release();
    this.#options.changed();
  }

  #started(): void {
    this.#starting = false;
    for (const peer of this.#peers.values()) peer.event({ type: 'own-restart-over' });
  }

  #own(): OwnRestart {
    return { restarting: this.#starting, forwarding: this.#starting ? FAMILIES : [] };
  }

  #join(connection: Connection): Peer | undefined {
    const range = matchRange(this.#ranges, connection.remote.address);
    if (range === undefined || this.#countOf(range) >= range.max) return undefined;
    const peer = this.#add(dynamicPeer(range, connection.remote.address));
    this.#dynamic.add(peer);
    peer.start(this.#own());
    return peer;
  }

  #countOf(range: DynamicPeerConfig): number {
    let count = 0;
    for (const { config } of this.#dynamic) {
      if (matchRange(this.#ranges, config.address) === range) count++;
    }
    return count;
  }

  #add(config: PeerConfig): Peer {
    const { routing } = this.#options;
    const rib = routing.rib.addPeer(config.name, routing.peerSettings(config));
    const routes = new PeerRoutes(rib, this.#options.logger.child({ peer: config.name }), (local) =>
      this.#ownNextHop(local),
    );
    const peer = new Peer(config, routes, {
      ...this.#options,
      routerId: () => this.#config?.routerId ?? '0.0.0.0',
      moved: (moved) => this.#moved(moved),
      endOfRib: (from, family) => this.#recovery?.endOfRib(from.name, family),
    });
    this.#peers.set(config.name, peer);
    return peer;
  }

  /** Our next hops on a session: its own local address, and that address's neighbour on the interface. */
  #ownNextHop(local: string): RibSession['ownNextHop'] {
    const own: Partial<Record<Family, AddressBytes>> = {};
    for (const family of FAMILIES) {
      const bytes =
        local.includes(':') === (family === 'ipv6-unicast')
          ? parseAddress(local)
          : this.#options.addresses.sibling(local, family);
      if (bytes !== undefined) own[family] = bytes;
    }
    return own;
  }

  #remove(peer: Peer, cease: number): void {
    peer.stop(cease);
    peer.routes.rib.remove();
    this.#peers.delete(peer.name);
    this.#dynamic.delete(peer);
    this.#recovery?.removed(peer.name);
  }

  #moved(peer: Peer): void {
    if (peer.negotiated !== undefined) this.#recovery?.up(peer.name, peer.negotiated);
    else this.#recovery?.gone(peer.name);
    if (this.#dynamic.has(peer)) this.#forgetIfGone(peer);
    this.#options.changed();
  }

  /** A dynamic peer without a session and without stale routes leaves nothing behind. */
  #forgetIfGone(peer: Peer): void {
    this.#options.clock.soon(() => {
      const { outgoing, incoming, stale } = peer.state;
      if (outgoing !== undefined || incoming !== undefined || stale.length > 0) return;
      if (this.#dynamic.has(peer)) this.#remove(peer, PEER_DECONFIGURED);
    });
  }
}

/** Why the peer cannot run as configured, if so: it is never dialled or accepted without. */
function unsupported({ password, ttlSecurity }: PeerConfig): string | undefined {
  if (password !== undefined) return 'a TCP-MD5 password cannot be set on the socket yet';
  if (ttlSecurity !== undefined) return 'TTL security cannot be set on the socket yet';
  return undefined;
}
