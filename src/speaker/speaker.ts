import type { Bfd } from '../bfd/bfd.ts';
import { changeLines } from '../config/change-lines.ts';
import { type ConfigChange, diffConfig } from '../config/diff.ts';
import type { KernelConfig, SpeakerConfig } from '../config/types.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Rib } from '../rib/rib.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import { SlicedWork } from '../runtime/sliced-work.ts';
import type { Connection, Endpoint, Transport } from '../transport/transport.ts';
import { shutdownData } from '../wire/notification.ts';
import type { PeerBfd } from './bfd-links.ts';
import { Drain, type DrainStage } from './drain.ts';
import { Fib } from './fib.ts';
import { Listeners } from './listeners.ts';
import { type OwnAddress, OwnAddresses } from './own-addresses.ts';
import type { Peer } from './peer.ts';
import { Peers } from './peers.ts';
import { Routing } from './routing.ts';

export interface SpeakerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly probe: Probe;
  readonly transport: Transport;
  /** Opens the kernel for a routing table, when a configuration asks for a FIB. */
  readonly openKernel: (table: number) => Kernel;
  /** Absent: peers that ask for BFD do without. */
  readonly bfd?: Bfd;
  /** This machine's addresses, where no kernel tells them: asked for once per life. */
  readonly hostAddresses?: () => Iterable<OwnAddress>;
  /** Name and version that peers are told where the configuration wants it. */
  readonly software?: string;
  /** Called whenever listening, sessions or synchronisation move; `ready` may have changed. */
  readonly changed?: () => void;
}

/** A peer that must be neither dialled nor accepted, with the reason. */
export interface HeldPeer {
  readonly peer: string;
  readonly reason: string;
}

/** One life of the speaker under an identity: another router id, for one, needs another life. */
interface Life {
  readonly routing: Routing;
  readonly peers: Peers;
  readonly fib: Fib | undefined;
}

/** A BGP speaker: sessions, RIB and FIB under one configuration that may change at any time. */
export class Speaker {
  readonly #options: SpeakerOptions;
  readonly #listeners: Listeners;
  readonly #work: SlicedWork;
  #config: SpeakerConfig | undefined;
  #held: readonly HeldPeer[] = [];
  #life: Life | undefined;
  /** The configuration that the sessions follow; behind `#config` until the FIB was read. */
  #inForce: SpeakerConfig | undefined;
  readonly #drain: Drain;
  /** What peers are told at the end of a drain, RFC 9003. */
  #farewell = '';

  constructor(options: SpeakerOptions) {
    const { transport, clock, logger } = options;
    this.#options = options;
    this.#work = new SlicedWork(clock);
    this.#drain = new Drain(clock, (stage) => this.#drained(stage));
    this.#listeners = new Listeners({
      transport,
      clock,
      logger,
      accepted: (connection) => this.#accept(connection),
      changed: () => this.#changed(),
    });
  }

  /** The configuration given last; undefined before the first. */
  get config(): SpeakerConfig | undefined {
    return this.#config;
  }

  get peers(): readonly Peer[] {
    return this.#life === undefined ? [] : [...this.#life.peers.all];
  }

  /** The peer of this name. */
  peer(name: string): Peer | undefined {
    return this.#life?.peers.get(name);
  }

  get rib(): Rib | undefined {
    return this.#life?.routing.rib;
  }

  get fib(): Fib | undefined {
    return this.#life?.fib;
  }

  /** Why a peer is kept down, by its name. */
  heldReason(peer: string): string | undefined {
    return this.#life?.peers.heldReason(peer);
  }

  /** BFD with a peer, if it is wanted and to be had. */
  bfdOf(peer: Peer): PeerBfd | undefined {
    return this.#life?.peers.bfdOf(peer);
  }

  /** Connections closed because nobody is configured at their source. */
  get refused(): number {
    return this.#life?.peers.refused ?? 0;
  }

  get listening(): readonly Endpoint[] {
    return this.#listeners.listening;
  }

  /** What a person should know: ports that could not be had, a kernel that cannot be reached. */
  get errors(): readonly BengalError[] {
    const kernel = this.#life?.fib?.error;
    return kernel === undefined ? this.#listeners.errors : [...this.#listeners.errors, kernel];
  }

  /** Names of the peers that recovery from a restart waits for; undefined when it is over. */
  get recovering(): readonly string[] | undefined {
    return this.#life?.peers.recovering;
  }

  /** Seconds that recovery may still take; undefined when it is over. */
  get recoveryLeft(): number | undefined {
    return this.#life?.peers.recoveryLeft;
  }

  /** The configuration is in force, the FIB was read and every address is listened on. */
  get ready(): boolean {
    return this.#inForce !== undefined && this.#inForce === this.#config && this.#listeners.ready;
  }

  /** How far the speaker is on its polite way out. */
  get drainStage(): DrainStage {
    return this.#drain.stage;
  }

  /**
   * Leaves politely (design decision 8): peers are told for `wait` seconds to look for other ways,
   * then everything is withdrawn, then every session ends with `text`. The FIB stays as it is.
   */
  drain(wait: number, text: string): void {
    if (this.#drain.stage !== 'off') return;
    this.#farewell = text;
    this.#drain.begin(wait);
  }

  /** Takes a drain back: routes are announced as before. False unless one is under way. */
  cancelDrain(): boolean {
    return this.#drain.cancel();
  }

  /**
   * Puts a configuration in force as a difference: what did not change is not touched. A drained
   * speaker follows none.
   */
  apply(config: SpeakerConfig, held: readonly HeldPeer[] = []): void {
    if (this.#drain.stage === 'drained') return;
    const before = this.#config;
    this.#config = config;
    this.#held = held;
    if (before !== undefined && Routing.needsRestart(before, config)) this.#end();
    this.#life ??= this.#begin(config);
    this.#life.routing.configure(config);
    if (config.kernel !== undefined) this.#configureFib(config.kernel, config.policies);
    this.#changed();
  }

  #configureFib(kernel: KernelConfig, policies: SpeakerConfig['policies']): void {
    const fib = this.#life?.fib;
    if (fib?.accepts(kernel) === false) {
      const { table, protocol } = kernel;
      this.#options.logger.warn({ table, protocol }, 'table and protocol change at the next start');
    }
    fib?.configure(kernel, policies);
  }

  /** Exits as a crash would look to peers: no NOTIFICATION, FIB untouched (design decision 8). */
  stop(): void {
    this.#drain.stop();
    if (this.#drain.stage === 'drained') return;
    this.#listeners.close();
    this.#life?.peers.stop();
    this.#life?.fib?.close();
  }

  #begin(config: SpeakerConfig): Life {
    const drainStage = (): DrainStage => this.#drain.stage;
    const shared = { software: 'bengal', ...this.#options, work: this.#work, drainStage };
    const routing = new Routing(config, shared);
    const addresses = new OwnAddresses(routing.rib);
    const options = { ...shared, routing, addresses, changed: () => this.#changed() };
    if (config.kernel === undefined) {
      for (const own of shared.hostAddresses?.() ?? []) addresses.address(own, false);
      addresses.synchronised();
      return { routing, fib: undefined, peers: new Peers({ ...options, fib: undefined }) };
    }
    const kernel = shared.openKernel(config.kernel.table);
    const fib = new Fib(config.kernel, { ...options, kernel });
    return { routing, fib, peers: new Peers({ ...options, fib }) };
  }

  /** Ends every session with a Cease; the next life adopts what stands in the FIB. */
  #end(): void {
    this.#life?.peers.end();
    this.#life?.fib?.close();
    this.#life = undefined;
    this.#inForce = undefined;
  }

  #accept(connection: Connection): void {
    if (this.#life === undefined) connection.destroy();
    else this.#life.peers.accept(connection);
  }

  #drained(stage: DrainStage): void {
    this.#options.logger.info({ stage }, 'draining');
    if (stage === 'drained') {
      this.#life?.fib?.close();
      this.#listeners.close();
      this.#life?.peers.leave(shutdownData(this.#farewell));
    } else this.#life?.peers.revise();
    this.#options.changed?.();
  }

  /** Sessions begin when our own routes are known, programming when nobody else holds our ports. */
  #changed(): void {
    const { fib, peers } = this.#life ?? {};
    if (peers === undefined || this.#config === undefined) return;
    if (this.#drain.stage === 'drained') return;
    if (this.#inForce !== this.#config && (fib?.synchronised ?? true)) this.#enforce(peers);
    if (this.ready) fib?.program();
    if (this.ready && peers.recovering === undefined) fib?.release();
    this.#options.changed?.();
  }

  #enforce(peers: Peers): void {
    const config = this.#config;
    if (config === undefined) return;
    const before = this.#inForce;
    const changes = before === undefined ? undefined : diffConfig(before, config);
    for (const line of changeLines(changes ?? [])) {
      this.#options.logger.info({ ...line }, 'configuration changes');
    }
    this.#inForce = config;
    // First, because it may defer route selection, and nothing is swept until that is over.
    peers.apply(config, this.#held, changes && bySession(changes));
    this.#listeners.apply(config.listen);
  }
}

/** Changes of peers and ranges by name; those of the speaker itself reach them as causes. */
function bySession(changes: readonly ConfigChange[]): ReadonlyMap<string, ConfigChange> {
  const sessions = changes.filter(({ object }) => object !== 'speaker');
  return new Map(sessions.map((change) => [change.name, change]));
}
