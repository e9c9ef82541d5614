import type { Prefix } from '../net/prefix.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { SlicedWork, Task } from '../runtime/sliced-work.ts';
import { FibLedger } from './fib-ledger.ts';
import { type FibPlan, planUnwanted, planWanted } from './fib-plan.ts';
import {
  type FibRoute,
  FibState,
  type FibStateCode,
  type FibStatus,
  stateOfErrno,
} from './fib-state.ts';
import {
  type Kernel,
  type KernelAddress,
  type KernelLink,
  type KernelListener,
  type KernelRoute,
  type ProgramError,
  storedMetric,
} from './kernel.ts';
import { PrefixIndex } from './prefix-index.ts';
import { Queue } from './queue.ts';
import { RetryQueue } from './retry-queue.ts';
import { sameWays } from './same-route.ts';

/** Failures that lead to the longest wait. */
const SLOWEST = 7;

/** Requests given to the kernel and not yet answered. */
const IN_FLIGHT_MAX = 256;

/** A quiet time after which a repaired route counts as undisturbed again, in milliseconds. */
const QUIET = 180_000;

/** A change of plan after a refusal is tried at once, but not for ever. */
const HASTY_TRIES = 3;

export interface FibProgrammerOptions {
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly work: SlicedWork;
  readonly logger: Logger;
  readonly probe: Probe;
  readonly table: number;
  /** rtm_protocol of our routes. */
  readonly protocol: number;
}

type Request = Extract<FibPlan, { readonly route: KernelRoute }>;

interface Entry {
  readonly prefix: Prefix;
  readonly table: number;
  readonly protocol: number;
  wanted: FibRoute | undefined;
  routes: KernelRoute[];
  shown: KernelRoute | undefined;
  /** A route of the previous life that nobody asked for yet. */
  kept: boolean;
  /** A request is on its way. */
  busy: boolean;
  /** It waits for its next step. */
  dirty: boolean;
  /** The wanted route is not tried before the back-off ends. */
  waiting: boolean;
  /** Nor is the removal of an unwanted one. */
  stuck: boolean;
  state: FibStateCode | undefined;
  /** The state to show while waiting. */
  obstacle: FibStateCode | undefined;
  error: ProgramError | undefined;
  failures: number;
  repairs: number;
  repairedAt: number;
}

/**
 * Brings wanted routes into the FIB and keeps them there: adds without ever replacing a foreign
 * route, changes its own in place, adopts those of its previous life, puts back what someone
 * deletes or changes. It hears the kernel's events as a listener of the same `Kernel`.
 */
export class FibProgrammer implements KernelListener {
  readonly #options: FibProgrammerOptions;
  readonly #ledger: FibLedger;
  readonly #entries = new PrefixIndex<Entry>();
  readonly #links = new Map<string, boolean>();
  readonly #dirty = new Queue<Entry>();
  readonly #retries: RetryQueue<Entry>;
  readonly #task: Task;
  #inFlight = 0;
  #synchronised = false;
  #released = false;
  #stopped = false;

  constructor(options: FibProgrammerOptions) {
    this.#options = options;
    this.#ledger = new FibLedger(options);
    this.#retries = new RetryQueue(options.clock, (entry) => {
      this.#wake(entry);
    });
    this.#task = { run: (deadline) => this.#run(deadline) };
  }

  /** Prefixes that it looks after. */
  get size(): number {
    return this.#entries.size;
  }

  /** Wants `route` for `prefix`, in place of what was wanted before. */
  set(prefix: Prefix, route: FibRoute): void {
    const entry = this.#entryOf(prefix);
    const { wanted } = entry;
    if (wanted?.metric === route.metric && sameWays(wanted, route)) return;
    this.#want(entry, route);
  }

  /** Wants no route of ours for `prefix`. */
  clear(prefix: Prefix): void {
    const entry = this.#entries.get(prefix);
    if (entry === undefined) return;
    this.#want(entry, undefined);
  }

  /**
   * Routes of the previous life that nobody wanted so far go now. To be called once the wanted
   * state is complete: datastore in sync and graceful restart over.
   */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    for (const entry of this.#entries.values()) {
      if (!entry.kept) continue;
      entry.kept = false;
      this.#mark(entry);
    }
  }

  /** Number of prefixes in each state, by state code. */
  get counts(): readonly number[] {
    return this.#ledger.counts;
  }

  /** True when nothing is on its way; what waits for a retry does not count. */
  get settled(): boolean {
    return this.#synchronised && this.#dirty.size === 0 && this.#inFlight === 0;
  }

  /** Undefined when the prefix is neither wanted nor held by a route of ours. */
  status(prefix: Prefix): FibStatus | undefined {
    const entry = this.#entries.get(prefix);
    if (entry?.state === undefined) return undefined;
    const plan = planWanted(entry);
    const foreignProtocol = plan.op === 'conflict' ? plan.foreign.protocol : undefined;
    return { state: entry.state, error: entry.error, foreignProtocol };
  }

  /** Stops programming; the FIB stays as it is. */
  close(): void {
    this.#stopped = true;
    this.#options.work.remove(this.#task);
    this.#retries.close();
    this.#ledger.close();
  }

  link({ name, up }: KernelLink, gone: boolean): void {
    if (gone) this.#links.delete(name);
    else this.#links.set(name, up);
    if (up && !gone) this.#retries.hasten(needsWay);
  }

  address(_address: KernelAddress, gone: boolean): void {
    if (!gone) this.#retries.hasten(needsWay);
  }

  route(route: KernelRoute, gone: boolean): void {
    const { table, protocol } = this.#options;
    if (route.table !== table) return;
    const entry = this.#entryOf(route.prefix);
    entry.routes = withRoute(entry.routes, route, gone);
    if (entry.busy) return;
    const own = route.protocol === protocol;
    if (own && !gone && !this.#released) entry.kept = entry.wanted === undefined;
    if (own && !entry.kept && isQuiet(entry)) this.#repair(entry);
    else if (entry.state !== FibState.drift) this.#wake(entry);
  }

  synchronised(): void {
    this.#synchronised = true;
    for (const entry of this.#entries.values()) this.#mark(entry);
  }

  failed(_error: BengalError): void {
    this.#stopped = true;
  }

  #want(entry: Entry, route: FibRoute | undefined): void {
    entry.wanted = route;
    entry.shown = undefined;
    entry.kept = false;
    entry.failures = 0;
    this.#ledger.move(entry, FibState.pending);
    this.#wake(entry);
  }

  #wake(entry: Entry): void {
    if (entry.waiting || entry.stuck) this.#retries.remove(entry);
    entry.waiting = false;
    entry.stuck = false;
    this.#mark(entry);
  }

  #mark(entry: Entry): void {
    if (entry.busy || this.#stopped) return;
    if (!entry.dirty) {
      entry.dirty = true;
      this.#dirty.push(entry);
    }
    if (this.#synchronised) this.#options.work.add(this.#task);
  }

  /** Someone touched a settled route of ours: put it right, ever more slowly if it goes on. */
  #repair(entry: Entry): void {
    const wrong = 'route' in planWanted(entry) || 'route' in planUnwanted(entry);
    if (!this.#synchronised || !wrong || this.#blocked(entry) !== undefined) {
      this.#wake(entry);
      return;
    }
    const now = this.#options.clock.now();
    if (now - entry.repairedAt > QUIET) entry.repairs = 0;
    entry.repairedAt = now;
    if (entry.repairs++ === 0) {
      this.#wake(entry);
      return;
    }
    entry.stuck = true;
    this.#wait(entry, FibState.drift, entry.repairs - 1);
    this.#ledger.move(entry, FibState.drift);
  }

  #run(deadline: number): boolean {
    for (let count = 1; ; count++) {
      if (this.#stopped || this.#inFlight >= IN_FLIGHT_MAX) return false;
      const entry = this.#dirty.take();
      if (entry === undefined) return false;
      entry.dirty = false;
      this.#step(entry);
      if (count % 32 === 0 && this.#options.clock.now() >= deadline) return this.#dirty.size > 0;
    }
  }

  #step(entry: Entry): void {
    const blocked = entry.waiting ? undefined : this.#blocked(entry);
    if (blocked !== undefined) this.#wait(entry, blocked, SLOWEST);
    const plan = entry.waiting ? NOTHING : planWanted(entry);
    const unwanted = entry.kept || entry.stuck ? NOTHING : planUnwanted(entry);
    if ('route' in plan) this.#request(entry, plan);
    else if ('route' in unwanted) this.#request(entry, unwanted);
    else if (entry.waiting) this.#ledger.move(entry, entry.obstacle);
    else this.#settle(entry, plan);
  }

  #settle(entry: Entry, plan: FibPlan): void {
    entry.failures = 0;
    entry.error = undefined;
    if (plan.op === 'conflict') this.#ledger.move(entry, FibState.foreignConflict);
    else if (entry.wanted !== undefined) this.#ledger.move(entry, FibState.installed);
    else if (entry.kept && entry.routes.some((at) => at.protocol === entry.protocol)) {
      this.#ledger.move(entry, FibState.adopted);
    } else {
      this.#ledger.move(entry, undefined);
      if (entry.routes.length === 0 && entry.repairs === 0) this.#entries.delete(entry.prefix);
    }
  }

  /** The state of a route whose interfaces are all down or missing: trying it is futile. */
  #blocked({ wanted }: Entry): FibStateCode | undefined {
    if (wanted === undefined || wanted.type !== 'unicast') return undefined;
    let state: FibStateCode | undefined;
    for (const hop of wanted.nextHops) {
      if (hop.interface === '') return undefined;
      const up = this.#links.get(hop.interface);
      if (up === true) return undefined;
      state = up === false ? FibState.interfaceDown : FibState.noInterface;
    }
    return state;
  }

  #request(entry: Entry, plan: Request): void {
    const { wanted } = entry;
    entry.busy = true;
    this.#inFlight++;
    this.#ledger.move(entry, FibState.pending);
    this.#options.kernel[plan.op](plan.route, (error) => {
      if (this.#stopped) return;
      entry.busy = false;
      this.#inFlight--;
      if (entry.wanted !== wanted) this.#wake(entry);
      else if (error === undefined) this.#accepted(entry, plan);
      else this.#refused(entry, plan, error);
      if (this.#dirty.size > 0) this.#options.work.add(this.#task);
    });
  }

  #accepted(entry: Entry, plan: Request): void {
    if (plan.op !== 'remove') {
      const { metric, protocol } = plan.route;
      const stored = storedMetric(entry.prefix, metric);
      entry.shown = entry.routes.find((at) => at.metric === stored && at.protocol === protocol);
      if (entry.shown === undefined) {
        this.#refused(entry, plan, notShown);
        return;
      }
    }
    this.#step(entry);
  }

  /** Events that came before the answer may have changed the plan; otherwise it waits. */
  #refused(entry: Entry, plan: Request, error: ProgramError): void {
    entry.failures++;
    const wanted = planWanted(entry);
    const same = wanted.op === plan.op || planUnwanted(entry).op === plan.op;
    if (same || entry.failures > HASTY_TRIES) {
      entry.error = error;
      entry.stuck = wanted.op !== plan.op;
      this.#wait(entry, stateOfErrno(error), entry.failures);
    }
    this.#step(entry);
  }

  #wait(entry: Entry, obstacle: FibStateCode, failures: number): void {
    entry.waiting = true;
    entry.obstacle = obstacle;
    this.#retries.add(entry, failures);
  }

  #entryOf(prefix: Prefix): Entry {
    let entry = this.#entries.get(prefix);
    if (entry === undefined) {
      const { table, protocol } = this.#options;
      entry = newEntry(prefix, table, protocol);
      this.#entries.set(prefix, entry);
    }
    return entry;
  }
}

const NOTHING: FibPlan = { op: 'none' };

const notShown: ProgramError = {
  errno: 'ENOENT',
  message: 'the kernel took the route but does not show it',
};

const NO_ROUTES: KernelRoute[] = [];

/**
 * The routes at a prefix with another in place of the one with its metric and protocol, or without.
 * Mostly there is one, which changes where it stands.
 */
function withRoute(routes: KernelRoute[], route: KernelRoute, gone: boolean): KernelRoute[] {
  const at = routes.findIndex(
    ({ metric, protocol }) => metric === route.metric && protocol === route.protocol,
  );
  if (!gone && at >= 0) {
    routes[at] = route;
    return routes;
  }
  if (!gone) return [...routes, route];
  return routes.length === 1 && at === 0 ? NO_ROUTES : routes.filter((_, index) => index !== at);
}

/** States in which nothing is on its way, so that a change of our route was someone else's. */
const isQuiet = ({ state }: Entry): boolean => state === undefined || state === FibState.installed;

/** What a new link or address may help. */
const needsWay = ({ state }: Entry): boolean =>
  state === FibState.gatewayUnreachable ||
  state === FibState.interfaceDown ||
  state === FibState.noInterface;

function newEntry(prefix: Prefix, table: number, protocol: number): Entry {
  return {
    prefix,
    table,
    protocol,
    wanted: undefined,
    routes: NO_ROUTES,
    shown: undefined,
    kept: false,
    busy: false,
    dirty: false,
    waiting: false,
    stuck: false,
    state: undefined,
    obstacle: undefined,
    error: undefined,
    failures: 0,
    repairs: 0,
    repairedAt: 0,
  };
}
