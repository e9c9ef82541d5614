import type { Derived } from '../confd/types.ts';
import type { Datastore, Resource } from '../datastore/datastore.ts';
import { keyOf } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Speaker } from '../speaker/speaker.ts';
import { DeletionGuard, type HeldDeletions } from './deletion-guard.ts';
import { logProblems } from './log-problems.ts';
import type { SavedResources, SavedState } from './saved-state.ts';

/** Milliseconds that the datastore has before the saved state is put in force. */
const PATIENCE = 5_000;

/** How many times as long as a derivation takes it rests then: a storm takes a fifth of the time. */
const REST = 4;
/** Milliseconds that it rests at most. */
const MOST_REST = 250;

/** Half of the Nodes or peers. */
export const DEFAULT_SHARE = 0.5;

export interface AgentOptions {
  readonly datastore: Datastore;
  /** The pure derivation for this node or reflector. */
  readonly derive: (resources: Iterable<Resource>) => Derived;
  /** Follows what a derivation asks for beside its configuration. */
  readonly follow?: (derived: Derived) => void;
  readonly speaker: Pick<Speaker, 'apply'>;
  /** Part of the Nodes or peers that may not vanish within a minute; half by default. */
  readonly guard?: number | 'off';
  /** Where the last good state is kept for the next start. */
  readonly saved?: SavedState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly probe: Probe;
}

export interface AgentStatus {
  readonly inSync: boolean;
  /** The datastore answers; it may be in sync for a while without. */
  readonly connected: boolean;
  /** Wall-clock milliseconds at which `inSync` last changed. */
  readonly since: number;
  /** Why the view is stale, or how many objects it holds. */
  readonly detail: string;
  /** Wall-clock milliseconds at which the view that counts was whole; undefined before the first. */
  readonly lastSync: number | undefined;
  /** Why what is in force is not what the datastore says now; undefined while it is, or nothing is. */
  readonly stale: string | undefined;
  readonly held: HeldDeletions | undefined;
  /** Wall-clock milliseconds of the last derivation that was put in force. */
  readonly configuredAt: number | undefined;
  readonly problems: readonly Problem[];
  /** Files and objects that could not be read at all. */
  readonly unreadable: readonly BengalError[];
  /** Why the last good state is not kept or was not taken. */
  readonly unsaved: BengalError | undefined;
  readonly derived: Derived | undefined;
}

/**
 * The live loop of a node or reflector: datastore → derivation → speaker. Nothing is derived before
 * the datastore is in sync; when sync is lost, the last good state stays in force (design decision 7).
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #guard: DeletionGuard;
  readonly #live = new Map<string, Resource>();
  readonly #unreadable = new Map<string, BengalError>();
  /** What the life before has saved, until the datastore is in sync for the first time. */
  #saved: SavedResources | undefined;
  #waiting: Timer | undefined;
  #derived: Derived | undefined;
  #inSync = false;
  #connected = false;
  #since: number;
  #lastSync: number | undefined;
  #detail = 'the first snapshot has not come yet';
  #configuredAt: number | undefined;
  /** The last derivation gave no configuration. */
  #barren = false;
  #scheduled = false;
  /** Monotonic milliseconds before which nothing is derived again. */
  #restsUntil = 0;
  #resting: Timer | undefined;
  #stopped = false;

  constructor(options: AgentOptions) {
    const { clock, logger, guard = DEFAULT_SHARE } = options;
    this.#options = options;
    this.#guard = new DeletionGuard({ share: guard === 'off' ? undefined : guard, clock, logger });
    this.#since = clock.wallTime();
  }

  start(): void {
    const { clock, datastore, saved } = this.#options;
    this.#saved = saved?.read();
    if (this.#saved !== undefined)
      this.#waiting = clock.setTimer('saved-state', PATIENCE, () => this.#resume());
    datastore.start({
      put: (resource) => this.#put(resource),
      delete: (key) => this.#delete(key),
      synchronised: () => this.#synchronised(),
      lostSync: (reason) => this.#lostSync(reason),
      problem: (error) => this.#problem(error),
      resolved: (where) => this.#unreadable.delete(where),
      disconnected: () => {
        this.#connected = false;
      },
      connected: () => {
        this.#connected = true;
      },
    });
  }

  /** Resolves when the last good state is saved. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting?.cancel();
    this.#resting?.cancel();
    this.#options.datastore.stop();
    await this.#options.saved?.stop();
  }

  get status(): AgentStatus {
    return {
      inSync: this.#inSync,
      connected: this.#connected,
      since: this.#since,
      detail: this.#inSync ? `${this.#live.size} objects` : this.#detail,
      lastSync: this.#inSync ? this.#options.clock.wallTime() : this.#lastSync,
      stale: this.#stale(),
      held: this.#guard.held,
      configuredAt: this.#configuredAt,
      problems: this.#derived?.problems ?? [],
      unreadable: [...this.#unreadable.values()],
      unsaved: this.#options.saved?.problem,
      derived: this.#derived,
    };
  }

  /** Takes deletions for real that are held back; returns the keys of the objects, or why not. */
  acceptDeletions(): { readonly accepted: readonly string[] } | { readonly refused: string } {
    if (this.#guard.held === undefined) return { accepted: [] };
    if (!this.#inSync) return { refused: `the datastore is not in sync: ${this.#detail}` };
    const accepted = this.#guard.accept();
    this.#schedule();
    return { accepted };
  }

  #stale(): string | undefined {
    if (this.#configuredAt === undefined) return undefined;
    if (!this.#inSync) return `the datastore is not in sync: ${this.#detail}`;
    return this.#barren ? 'nothing can be derived from what the datastore holds now' : undefined;
  }

  #put(resource: Resource): void {
    const key = keyOf(resource);
    this.#guard.appeared(resource, this.#live.get(key));
    this.#live.set(key, resource);
    this.#options.probe.resourceChange(key, 'put');
    this.#schedule();
  }

  #delete(key: string): void {
    const resource = this.#live.get(key);
    if (resource === undefined) return;
    this.#live.delete(key);
    this.#guard.vanished(resource);
    this.#options.probe.resourceChange(key, 'delete');
    this.#schedule();
  }

  #synchronised(): void {
    const { clock, logger } = this.#options;
    if (!this.#inSync) {
      this.#connected = true;
      this.#since = clock.wallTime();
      this.#guard.settled();
      logger.info({ objects: this.#live.size }, 'datastore in sync');
    }
    this.#inSync = true;
    this.#waiting?.cancel();
    for (const resource of this.#saved?.resources ?? [])
      if (!this.#live.has(keyOf(resource))) this.#guard.vanished(resource);
    this.#saved = undefined;
    this.#schedule();
  }

  #lostSync(reason: string): void {
    const { logger, clock } = this.#options;
    logger.warn({ reason }, 'datastore out of sync: last good state stays in force');
    if (this.#inSync) this.#lastSync = clock.wallTime();
    this.#inSync = false;
    this.#since = clock.wallTime();
    this.#detail = reason;
  }

  #problem(error: BengalError): void {
    this.#unreadable.set(error.where ?? error.message, error);
    this.#options.logger.warn({ problem: error.describe() }, 'the datastore has a problem');
  }

  /** The datastore does not come: what the life before knew is better than nothing. */
  #resume(): void {
    const { logger, derive } = this.#options;
    if (this.#saved === undefined) return;
    const { savedAt, resources } = this.#saved;
    const time = new Date(savedAt).toISOString();
    logger.warn(
      { savedAt: time, objects: resources.length },
      'datastore not in sync: the state saved before the restart is in force',
    );
    this.#lastSync = savedAt;
    this.#detail = 'it was not read whole since the start';
    const derived = derive(resources);
    this.#options.follow?.(derived);
    this.#adopt(derived);
  }

  /** One derivation for all changes of a turn of the event loop, or of the rest after the last one. */
  #schedule(): void {
    if (!this.#inSync || this.#scheduled) return;
    this.#scheduled = true;
    const { clock } = this.#options;
    const run = (): void => {
      this.#scheduled = false;
      if (this.#inSync && !this.#stopped) this.#derive();
    };
    const rest = this.#restsUntil - clock.now();
    if (rest > 0) this.#resting = clock.setTimer('derivation', Math.ceil(rest), run);
    else clock.soon(run);
  }

  #derive(): void {
    const began = this.#options.clock.now();
    const derived = this.#guard.derive(this.#live, this.#options.derive);
    this.#options.follow?.(derived);
    // Asking for what the derivation needs may have made the view incomplete: one more round follows.
    if (!this.#inSync) return;
    this.#adopt(derived);
    if (derived.config !== undefined) this.#save(derived);
    const ended = this.#options.clock.now();
    this.#restsUntil = ended + Math.min(MOST_REST, REST * (ended - began));
  }

  #adopt(derived: Derived): void {
    const { logger, clock, speaker } = this.#options;
    logProblems(logger, this.#derived?.problems ?? [], derived.problems);
    this.#barren = derived.config === undefined;
    if (derived.config === undefined) {
      this.#derived = { ...derived, config: this.#derived?.config };
      return;
    }
    this.#derived = derived;
    this.#configuredAt = clock.wallTime();
    speaker.apply(derived.config, derived.held);
  }

  /** Of the Secrets only those that the configuration needs. */
  #save({ needs }: Derived): void {
    const secrets = new Set(
      needs.flatMap((need) =>
        need.kind === 'Secret' ? [`Secret/${need.namespace}/${need.name}`] : [],
      ),
    );
    this.#options.saved?.save(() =>
      [...this.#guard.view(this.#live)].filter(
        (resource) => resource.kind !== 'Secret' || secrets.has(keyOf(resource)),
      ),
    );
  }
}
