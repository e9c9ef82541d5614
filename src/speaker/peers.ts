import type { Bfd } from '../bfd/bfd.ts';
import type { ConfigChange } from '../config/diff.ts';
import { type Difference, difference } from '../config/difference.ts';
import type { DynamicPeerConfig, PeerConfig, SpeakerConfig } from '../config/types.ts';
import { parseIpv4Number } from '../net/address.ts';
import { FAMILIES } from '../net/family.ts';
import type { Timer } from '../runtime/clock.ts';
import type { OwnRestart } from '../session/state.ts';
import type { Connection } from '../transport/transport.ts';
import { ADMINISTRATIVE_SHUTDOWN, shutdownData } from '../wire/notification.ts';
import { BfdLinks, type PeerBfd } from './bfd-links.ts';
import { Passwords } from './connection-keys.ts';
import { DynamicPeers } from './dynamic-peers.ts';
import type { Fib } from './fib.ts';
import type { OwnAddresses } from './own-addresses.ts';
import { isVacant, Peer, type PeerContext } from './peer.ts';
import { dynamicPeer, matchRange, PeerMatcher } from './peer-matching.ts';
import { PeerRoutes } from './peer-routes.ts';
import { Recovery } from './recovery.ts';
import type { Routing } from './routing.ts';
import type { Identity } from './session-settings.ts';
import type { HeldPeer } from './speaker.ts';

/** Cease subcodes, RFC 4486 §4. */
const PEER_DECONFIGURED = 3;
const OTHER_CONFIGURATION_CHANGE = 6;
/** RFC 9384 §2. */
const BFD_DOWN = 10;

/** Seconds after the start during which a new session may be the first after a restart. */
const RESTART_WINDOW = 120;

export interface PeersOptions
  extends Omit<PeerContext, 'identity' | 'moved' | 'vacated' | 'endOfRib'> {
  readonly routing: Routing;
  readonly fib: Fib | undefined;
  readonly addresses: OwnAddresses;
  readonly changed: () => void;
  readonly bfd?: Bfd;
  /** Name and version of this software. */
  readonly software: string;
}

/** All peers of a speaker: configured ones, those of address ranges, and those kept down. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  readonly #matcher = new PeerMatcher(this.#peers);
  /** Reasons by the name of the peer, or the range of dynamic ones. */
  readonly #held = new Map<string, string>();
  readonly #passwords: Passwords;
  /** What `#held` is made of. */
  #heldLists: readonly (readonly HeldPeer[])[] = [];
  /** Peers that their own configuration keeps down. */
  #shut: readonly HeldPeer[] = [];
  /** Peers that came by themselves. */
  readonly #dynamic = new DynamicPeers();
  readonly #bfd: BfdLinks;
  #ranges: readonly DynamicPeerConfig[] = [];
  #config: SpeakerConfig | undefined;
  #recovery: Recovery | undefined;
  #starting = false;
  #window: Timer | undefined;
  #refused = 0;
  #left = false;
  /** What an undefined metric counts as in the peers' policies. */
  #defaultMetric: number;

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#defaultMetric = options.routing.defaultMetric;
    const { bfd, clock, logger, transport } = options;
    this.#passwords = new Passwords(transport);
    this.#bfd = new BfdLinks({
      bfd,
      clock,
      logger,
      failed: (peer, detail) => this.#cutOff(peer, detail),
      up: (peer) => this.#begins(peer),
    });
  }

  get all(): Iterable<Peer> {
    return this.#peers.values();
  }

  get(name: string): Peer | undefined {
    return this.#peers.get(name);
  }

  /** Connections closed because nobody is configured at their source. */
  get refused(): number {
    return this.#refused;
  }

  /** Why a peer is kept down, or waits. */
  heldReason(name: string): string | undefined {
    const peer = this.#peers.get(name);
    const waits = peer === undefined || peer.state.enabled ? undefined : this.#bfd.waits(peer);
    return this.#held.get(name) ?? waits;
  }

  bfdOf(peer: Peer): PeerBfd | undefined {
    return this.#bfd.of(peer);
  }

  get recovering(): readonly string[] | undefined {
    return this.#recovery?.awaited;
  }

  /** Seconds that recovery may still take; undefined when it is over. */
  get recoveryLeft(): number | undefined {
    return this.#recovery?.secondsLeft;
  }

  /** `changes` by name; undefined for the first configuration. */
  apply(
    config: SpeakerConfig,
    held: readonly HeldPeer[],
    changes: ReadonlyMap<string, ConfigChange> | undefined,
  ): void {
    const step = difference(this.#config?.peers ?? [], config.peers, ({ name }) => name);
    this.#config = config;
    this.#ranges = config.dynamicPeers;
    const concerned = this.#hold(config, held, step, changes);
    if (changes === undefined) this.#begin(config);
    for (const [peer, range] of [...this.#dynamic.entries]) {
      this.#applyDynamic(peer, range, changes?.get(range));
    }
    for (const { object, kind, name } of changes?.values() ?? []) {
      concerned.add(name);
      const peer = object === 'peer' && kind === 'removed' ? this.#peers.get(name) : undefined;
      if (peer !== undefined) this.#remove(peer, PEER_DECONFIGURED);
    }
    // Of thousands few have anything to do with a change.
    const given = new Map(step.come.map((peer) => [peer.name, peer]));
    for (const name of new Set([...given.keys(), ...concerned])) {
      const peer = given.get(name) ?? this.#peers.get(name)?.config;
      if (peer !== undefined) this.#applyOne(peer, changes?.get(name));
    }
    this.#applyMetric();
  }

  /** A connection from outside: handed to the peer that it belongs to, or closed. */
  accept(connection: Connection): void {
    const known = this.#matcher.match(connection);
    const peer = known ?? (this.#left ? undefined : this.#join(connection));
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

  /** Ends every session with an Administrative Shutdown; no other begins in this life. */
  leave(data: Uint8Array): void {
    this.#left = true;
    this.#recovery?.cancel();
    this.#window?.cancel();
    for (const peer of this.#peers.values()) {
      this.#bfd.drop(peer);
      peer.stop(ADMINISTRATIVE_SHUTDOWN, data);
    }
  }

  /** Leaves without a word to anybody. */
  stop(): void {
    this.#recovery?.cancel();
    this.#window?.cancel();
    for (const peer of this.#peers.values()) peer.stop('silent');
  }

  #applyOne(config: PeerConfig, change: ConfigChange | undefined): void {
    const known = this.#peers.get(config.name);
    const peer = known ?? this.#add(config);
    const held = this.#held.has(config.name);
    if (held) this.#keepDown(peer, config);
    if (known !== undefined && change !== undefined) this.#reconfigure(peer, config, change);
    if (held) return;
    this.#bfd.follow(peer);
    this.#begins(peer);
  }

  #keepDown(peer: Peer, { shutdown }: PeerConfig): void {
    this.#bfd.drop(peer);
    if (!peer.state.enabled) return;
    if (shutdown === undefined) peer.stop(OTHER_CONFIGURATION_CHANGE);
    else peer.stop(ADMINISTRATIVE_SHUTDOWN, shutdownData(shutdown));
    this.#recovery?.removed(peer.name);
  }

  /** Starts a peer that nothing keeps down. */
  #begins(peer: Peer): void {
    if (peer.state.enabled || this.heldReason(peer.name) !== undefined) return;
    peer.start(this.#own());
  }

  /** BFD says that the way to a peer is cut; a strict one, unless it is restarting, waits for BFD. */
  #cutOff(peer: Peer, detail: string): void {
    peer.event({ type: 'bfd-down', detail });
    const { enabled, stale } = peer.state;
    if (enabled && stale.length === 0 && this.#bfd.waits(peer) !== undefined) peer.stop(BFD_DOWN);
  }

  /** A dynamic peer follows its range, and goes when another range, or none, is its own now. */
  #applyDynamic(peer: Peer, known: string, change: ConfigChange | undefined): void {
    const range = matchRange(this.#ranges, peer.config.address);
    if (range?.range !== known || this.#held.has(known)) this.#remove(peer, PEER_DECONFIGURED);
    else if (change?.change.type === 'reset') this.#remove(peer, change.change.cease);
    else if (change !== undefined) {
      this.#reconfigure(peer, dynamicPeer(range, peer.config.address), change);
      this.#bfd.follow(peer);
    }
  }

  /** Where only policies changed, which are shared by all, the session has nothing to do. */
  #reconfigure(peer: Peer, config: PeerConfig, { change, fields }: ConfigChange): void {
    const events = peer.routes.configure(this.#options.routing.peerSettings(config));
    if (fields.length > 0 || change.type === 'reset')
      peer.reconfigure(config, change.type === 'reset' ? change.cease : undefined);
    this.#matcher.changed();
    for (const event of events) peer.event(event);
  }

  /** Policies may turn a metric into LOCAL_PREF: all peers see another default metric. */
  #applyMetric(): void {
    const { routing } = this.#options;
    if (routing.defaultMetric === this.#defaultMetric) return;
    this.#defaultMetric = routing.defaultMetric;
    this.revise();
  }

  /** Puts what holds for all peers in force anew: the default metric, or a drain. */
  revise(): void {
    const { routing } = this.#options;
    for (const { routes, config } of this.#peers.values()) {
      routes.rib.configure(routing.peerSettings(config));
    }
  }

  /** Returns the names of those that are kept down from now on, or no longer. */
  #hold(
    config: SpeakerConfig,
    held: readonly HeldPeer[],
    step: Difference<PeerConfig>,
    changes: ReadonlyMap<string, ConfigChange> | undefined,
  ): Set<string> {
    const unprotected = this.#passwords.set(config, changes);
    const shut = this.#shutAfter(config, step);
    const moved = new Set<string>();
    const lists = [unprotected, held, shut];
    if (lists.every((list, index) => list === this.#heldLists[index])) return moved;
    this.#heldLists = lists;
    const before = new Map(this.#held);
    this.#held.clear();
    for (const { peer, reason } of [...unprotected, ...held, ...shut]) {
      this.#held.set(peer, reason);
    }
    for (const peer of before.keys()) if (!this.#held.has(peer)) moved.add(peer);
    for (const [peer, reason] of this.#held) {
      if (before.get(peer) === reason) continue;
      moved.add(peer);
      this.#options.logger.warn({ peer, reason }, 'peer is kept down');
    }
    return moved;
  }

  /** The very same list as long as nobody's shutdown changed. */
  #shutAfter(config: SpeakerConfig, { gone, come }: Difference<PeerConfig>): readonly HeldPeer[] {
    if ([...gone, ...come].some(({ shutdown }) => shutdown !== undefined))
      this.#shut = config.peers.flatMap(({ name, shutdown }) =>
        shutdown === undefined ? [] : [{ peer: name, reason: shutdownReason(shutdown) }],
      );
    return this.#shut;
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
    if (range === undefined || this.#held.has(range.range)) return undefined;
    if (this.#dynamic.countOf(range.range) >= range.max) return undefined;
    const peer = this.#add(dynamicPeer(range, connection.remote.address));
    this.#dynamic.add(peer, range.range);
    this.#bfd.follow(peer);
    peer.start(this.#own());
    return peer;
  }

  #add(config: PeerConfig): Peer {
    const { routing } = this.#options;
    const rib = routing.rib.addPeer(config.name, routing.peerSettings(config));
    const routes = new PeerRoutes(
      rib,
      this.#options.logger.child({ peer: config.name }),
      this.#options.addresses,
    );
    const peer = new Peer(config, routes, {
      ...this.#options,
      identity: () => this.#identity(),
      moved: (moved) => this.#moved(moved),
      vacated: (vacant) => this.#forget(vacant),
      endOfRib: (from, family) => this.#recovery?.endOfRib(from.name, family),
    });
    this.#peers.set(config.name, peer);
    this.#matcher.added(peer);
    return peer;
  }

  /** What peers are told of us now. */
  #identity(): Identity {
    const { routerId = '0.0.0.0', hostName, softwareVersion = false } = this.#config ?? {};
    const software = softwareVersion ? this.#options.software : undefined;
    return { routerId: parseIpv4Number(routerId) ?? 0, hostName, software };
  }

  #remove(peer: Peer, cease: number): void {
    peer.stop(cease);
    this.#bfd.drop(peer);
    peer.routes.rib.remove();
    this.#peers.delete(peer.name);
    this.#matcher.removed(peer);
    this.#dynamic.delete(peer);
    this.#recovery?.removed(peer.name);
  }

  #moved(peer: Peer): void {
    if (peer.negotiated === undefined) this.#recovery?.gone(peer.name);
    else {
      this.#recovery?.up(peer.name, peer.negotiated);
      this.#bfd.established(peer);
    }
    this.#options.changed();
  }

  /** A dynamic peer without a connection and without stale routes leaves nothing behind. */
  #forget(peer: Peer): void {
    if (!this.#dynamic.has(peer)) return;
    this.#options.clock.soon(() => {
      if (this.#dynamic.has(peer) && isVacant(peer.state)) this.#remove(peer, PEER_DECONFIGURED);
    });
  }
}

const shutdownReason = (text: string): string =>
  text === '' ? 'shut down by configuration' : `shut down by configuration: ${text}`;
