import type { KernelConfig, SpeakerConfig } from '../config/types.ts';
import { FibProgrammer } from '../kernel/fib-programmer.ts';
import { FibReader as KernelReader } from '../kernel/fib-reader.ts';
import { FibState, type FibRoute as WantedRoute } from '../kernel/fib-state.ts';
import { fanOut, type Kernel, type KernelListener, type NextHop } from '../kernel/kernel.ts';
import type { LearnedRoute, LearnedRouteSink } from '../kernel/learned-route.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import { type CompiledPolicy, compilePolicy, isAccepted } from '../policy/compile.ts';
import { newEdits, resetEdits } from '../policy/edits.ts';
import type { RouteEdits } from '../policy/route-view.ts';
import type { FibReader, FibRoute, LocalRoute, ResolvedNextHop } from '../rib/types.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { SlicedWork } from '../runtime/sliced-work.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { Routing } from './routing.ts';

export interface FibOptions {
  readonly kernel: Kernel;
  readonly routing: Routing;
  /** Told of this machine's addresses as they come and go. */
  readonly addresses: OwnAddresses;
  readonly clock: Clock;
  readonly work: SlicedWork;
  readonly logger: Logger;
  readonly probe: Probe;
  /** `synchronised` or `error` may have changed. */
  readonly changed: () => void;
}

/**
 * Seconds between the end of recovery and the sweep: FRR may send End-of-RIB before its routes, and
 * a route that is swept and put back a moment later is a gap in forwarding.
 */
const SWEEP_DELAY = 5;

/** Seconds between two looks at whether the RIB has decided. */
const LOOK = 0.1;

/** The kernel's FIB and the RIB, joined: what is learned goes up, what is best goes down. */
export class Fib {
  readonly programmer: FibProgrammer;
  readonly #options: FibOptions;
  readonly #reader: KernelReader;
  readonly #edits: RouteEdits = newEdits();
  readonly #table: number;
  readonly #protocol: number;
  /** What the kernel holds besides our own routes, by key. */
  readonly #learned = new Map<string, LearnedRoute>();
  #config: KernelConfig;
  #policies: SpeakerConfig['policies'] | undefined;
  #policy: CompiledPolicy | undefined;
  #cursor: FibReader | undefined;
  #synchronised = false;
  #previousLife = false;
  #complete = false;
  #swept = false;
  #sweep: Timer | undefined;
  #error: BengalError | undefined;

  constructor(config: KernelConfig, options: FibOptions) {
    const { table, protocol } = config;
    this.#options = options;
    this.#config = config;
    this.#table = table;
    this.#protocol = protocol;
    this.programmer = new FibProgrammer({ ...options, table, protocol });
    const interfaces = interfacesOf(config);
    this.#reader = new KernelReader(
      { table, protocol, interfaces, probe: options.probe },
      this.#sink(),
    );
    options.kernel.start(
      fanOut([options.addresses, this.#reader, this.programmer, this.#health()]),
    );
  }

  /** False when the configuration needs another table or protocol, hence another `Fib`. */
  accepts({ table, protocol }: KernelConfig): boolean {
    return table === this.#table && protocol === this.#protocol;
  }

  /** True once the whole FIB was read. */
  get synchronised(): boolean {
    return this.#synchronised;
  }

  /** Why the kernel cannot be reached any more. */
  get error(): BengalError | undefined {
    return this.#error;
  }

  /** A process before this one has left routes of ours in the FIB. */
  get previousLife(): boolean {
    return this.#previousLife;
  }

  /** Prefixes by fate: wanted in the FIB, held by it, refused or waiting after a failure. */
  get counts(): { readonly wanted: number; readonly installed: number; readonly failed: number } {
    const { counts } = this.programmer;
    const at = (code: number): number => counts[code] ?? 0;
    const installed = at(FibState.installed) + at(FibState.drift);
    const sum = counts.reduce((total, count) => total + count, 0);
    const wanted = sum - at(FibState.adopted);
    return { wanted, installed, failed: wanted - installed - at(FibState.pending) };
  }

  /** Entries of each table, for tests and benchmarks of memory. */
  get census(): Readonly<Record<string, number>> {
    return { programmed: this.programmer.size, learned: this.#learned.size };
  }

  configure(config: KernelConfig, policies: SpeakerConfig['policies']): void {
    const { routing } = this.#options;
    const before = this.#config;
    if (config === before && policies === this.#policies) return;
    this.#config = config;
    this.#policies = policies;
    this.#reader.setInterfaces(interfacesOf(config));
    if ((config.learn === false) !== (before.learn === false)) {
      for (const [key, route] of this.#learned) this.#learn(key, route);
    }
    const context = {
      kind: 'ibgp',
      ownNextHop: undefined,
      defaultMetric: routing.defaultMetric,
    } as const;
    const policy =
      config.program === false
        ? undefined
        : compilePolicy(config.program.policy, policies, 'accept', context);
    const changed = policy?.key !== this.#policy?.key || config.metric !== before.metric;
    this.#policy = policy;
    if (changed) this.#cursor?.rescan();
  }

  /**
   * Begins to bring best routes into the FIB; harmless when called again. A speaker that never had to
   * program leaves the FIB alone altogether.
   */
  program(): void {
    if (this.#cursor !== undefined || this.#config.program === false) return;
    this.#cursor = this.#options.routing.rib.openFibReader(() =>
      this.#options.work.add(this.#task),
    );
  }

  /**
   * Every peer has told its routes: once the RIB has decided on all of them, routes of the previous
   * life that nobody wants may go. Where nothing is to be programmed, nothing is swept either.
   */
  release(): void {
    if (this.#complete || this.#cursor === undefined || this.#config.program === false) return;
    this.#complete = true;
    this.#options.work.add(this.#task);
  }

  close(): void {
    this.#cursor?.close();
    this.#sweep?.cancel();
    this.#options.work.remove(this.#task);
    this.programmer.close();
    this.#options.kernel.close();
  }

  readonly #task = { run: (deadline: number): boolean => this.#drain(deadline) };

  #drain(deadline: number): boolean {
    const { clock } = this.#options;
    for (let count = 1; ; count++) {
      const change = this.#cursor?.next();
      if (change === undefined) return this.#caughtUp();
      const wanted = change.type === 'route' ? this.#wanted(change.route) : undefined;
      if (wanted === undefined) this.programmer.clear(change.prefix);
      else this.programmer.set(change.prefix, wanted);
      if (count % 32 === 0 && clock.now() >= deadline) return true;
    }
  }

  /** The sweep waits for the RIB; it looks by a timer, since a peer's full socket may hold it up. */
  #caughtUp(): false {
    if (!this.#complete || this.#swept) return false;
    const { clock, work, routing } = this.#options;
    this.#sweep?.cancel();
    if (routing.rib.idle) {
      this.#swept = true;
      this.#sweep = clock.setTimer('fib/sweep', SWEEP_DELAY * 1000, () =>
        this.programmer.release(),
      );
    } else {
      this.#sweep = clock.setTimer('fib/look', LOOK * 1000, () => work.add(this.#task));
    }
    return false;
  }

  /** What the kernel policy makes of a best route; undefined when nothing is to be programmed. */
  #wanted(route: FibRoute): WantedRoute | undefined {
    const { local, view } = route;
    if (this.#policy === undefined) return undefined;
    if (local !== undefined && local.source !== 'static') return undefined;
    resetEdits(this.#edits);
    this.#edits.metric = route.metric;
    if (!isAccepted(this.#policy.evaluate(view, this.#edits))) return undefined;
    const metric = this.#edits.metric ?? this.#config.metric;
    if (local !== undefined) return localWanted(local, metric);
    const tunnel = this.#edits.tunnel ?? route.tunnel;
    const nextHops = distinct(route.nextHops.map((hop) => programmed(hop, tunnel)));
    return nextHops.length === 0 ? undefined : { type: 'unicast', nextHops, metric };
  }

  #sink(): LearnedRouteSink {
    return {
      put: (key, route) => {
        this.#learned.set(key, route);
        this.#learn(key, route);
      },
      remove: (key) => {
        this.#learned.delete(key);
        this.#options.routing.rib.removeLocal(key);
      },
      synchronised: () => {},
    };
  }

  /** What is not to be learned still resolves next hops, but competes with nobody. */
  #learn(key: string, { gateway, ...route }: LearnedRoute): void {
    const learns = this.#config.learn !== false;
    this.#options.routing.rib.putLocal(key, {
      ...route,
      gateway: gateway === undefined ? undefined : parseAddress(gateway),
      preference: learns ? undefined : LAST_RESORT,
      announce: learns,
    });
  }

  #health(): KernelListener {
    return {
      link: () => {},
      address: () => {},
      route: ({ table, protocol }) => {
        if (this.#synchronised || table !== this.#table || protocol !== this.#protocol) return;
        this.#previousLife = true;
      },
      synchronised: () => {
        this.#synchronised = true;
        this.#error = undefined;
        this.#options.changed();
      },
      failed: (error) => {
        this.#options.logger.error({ problem: error.describe() }, 'kernel out of reach');
        this.#error = error;
        this.#options.changed();
      },
    };
  }
}

/** Preference below that of every source. */
const LAST_RESORT = 0;

/** Interfaces whose networks resolve next hops: all of them where nothing is learned. */
const interfacesOf = ({ learn }: KernelConfig): readonly string[] =>
  learn === false ? ['*'] : learn.interfaces;

/** Networks that drop traffic and static routes go into the FIB; everything else is there already. */
function localWanted({ type, gateway }: LocalRoute, metric: number): WantedRoute | undefined {
  if (type !== 'unicast') return { type, nextHops: [], metric };
  if (gateway === undefined) return undefined;
  const hop = { gateway: formatAddress(gateway), interface: '', onlink: false, weight: 1 };
  return { type, nextHops: [hop], metric };
}

/** Several BGP next hops may lie behind one gateway; IPv6 refuses a route that names it twice. */
function distinct(hops: readonly NextHop[]): readonly NextHop[] {
  const byPlace = new Map(hops.map((hop) => [`${hop.gateway}%${hop.interface}`, hop]));
  return [...byPlace.values()];
}

/** Through a tunnel the BGP next hop itself is the gateway, whatever way it is reached. */
function programmed(hop: ResolvedNextHop, tunnel: string | undefined): NextHop {
  if (tunnel !== undefined) {
    return { gateway: hop.nextHop, interface: tunnel, onlink: true, weight: hop.weight };
  }
  return {
    gateway: hop.gateway ?? hop.nextHop,
    interface: hop.interface,
    onlink: false,
    weight: hop.weight,
  };
}
