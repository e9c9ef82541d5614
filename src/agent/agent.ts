import type { Derived } from '../confd/types.ts';
import type { Datastore, Resource } from '../datastore/datastore.ts';
import { keyOf } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Speaker } from '../speaker/speaker.ts';

export interface AgentOptions {
  readonly datastore: Datastore;
  /** The pure derivation for this node or reflector. */
  readonly derive: (resources: Iterable<Resource>) => Derived;
  readonly speaker: Pick<Speaker, 'apply'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly probe: Probe;
}

export interface AgentStatus {
  readonly inSync: boolean;
  /** Wall-clock milliseconds at which `inSync` last changed. */
  readonly since: number;
  /** Why the view is stale, or how many objects it holds. */
  readonly detail: string;
  /** Wall-clock milliseconds of the last derivation that was put in force. */
  readonly configuredAt: number | undefined;
  readonly problems: readonly Problem[];
  /** Files and objects that could not be read at all. */
  readonly unreadable: readonly BengalError[];
  readonly derived: Derived | undefined;
}

/**
 * The live loop of a node or reflector: datastore → derivation → speaker. Nothing is derived before
 * the datastore is in sync; when sync is lost, the last good state stays in force (design decision 7).
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #resources = new Map<string, Resource>();
  readonly #unreadable = new Map<string, BengalError>();
  #derived: Derived | undefined;
  #inSync = false;
  #since: number;
  #detail = 'the first snapshot has not come yet';
  #configuredAt: number | undefined;
  #scheduled = false;
  #stopped = false;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#since = options.clock.wallTime();
  }

  start(): void {
    this.#options.datastore.start({
      put: (resource) => this.#put(resource),
      delete: (key) => this.#delete(key),
      synchronised: () => this.#synchronised(),
      lostSync: (reason) => this.#lostSync(reason),
      problem: (error) => this.#problem(error),
      resolved: (where) => this.#unreadable.delete(where),
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#options.datastore.stop();
  }

  get status(): AgentStatus {
    return {
      inSync: this.#inSync,
      since: this.#since,
      detail: this.#inSync ? `${this.#resources.size} objects` : this.#detail,
      configuredAt: this.#configuredAt,
      problems: this.#derived?.problems ?? [],
      unreadable: [...this.#unreadable.values()],
      derived: this.#derived,
    };
  }

  #put(resource: Resource): void {
    const key = keyOf(resource);
    this.#resources.set(key, resource);
    this.#options.probe.resourceChange(key, 'put');
    this.#schedule();
  }

  #delete(key: string): void {
    if (!this.#resources.delete(key)) return;
    this.#options.probe.resourceChange(key, 'delete');
    this.#schedule();
  }

  #synchronised(): void {
    if (!this.#inSync) this.#since = this.#options.clock.wallTime();
    this.#inSync = true;
    this.#schedule();
  }

  #lostSync(reason: string): void {
    this.#options.logger.warn({ reason }, 'datastore out of sync: last good state stays in force');
    this.#inSync = false;
    this.#since = this.#options.clock.wallTime();
    this.#detail = reason;
  }

  #problem(error: BengalError): void {
    this.#unreadable.set(error.where ?? error.message, error);
    this.#options.logger.warn({ problem: error.describe() }, 'the datastore has a problem');
  }

  /** One derivation for all changes of a turn of the event loop. */
  #schedule(): void {
    if (!this.#inSync || this.#scheduled) return;
    this.#scheduled = true;
    this.#options.clock.soon(() => {
      this.#scheduled = false;
      if (this.#inSync && !this.#stopped) this.#derive();
    });
  }

  #derive(): void {
    const { derive, speaker, logger, clock } = this.#options;
    const derived = derive(this.#resources.values());
    logProblems(logger, this.#derived?.problems ?? [], derived.problems);
    // Asking for what the derivation needs may have made the view incomplete: one more round follows.
    if (derived.config === undefined || !this.#inSync) {
      this.#derived = { ...derived, config: this.#derived?.config };
      return;
    }
    this.#derived = derived;
    this.#configuredAt = clock.wallTime();
    speaker.apply(derived.config, derived.held);
  }
}

/** Logs each problem once, when it appears and when it is over. */
function logProblems(logger: Logger, before: readonly Problem[], now: readonly Problem[]): void {
  const known = new Set(before.map(identity));
  const present = new Set(now.map(identity));
  for (const problem of now) {
    if (!known.has(identity(problem))) logger.warn({ ...problem }, 'problem in the resources');
  }
  for (const problem of before) {
    if (!present.has(identity(problem))) {
      logger.info({ code: problem.code, where: problem.where }, 'problem is over');
    }
  }
}

const identity = ({ code, where, message }: Problem): string => `${code} ${where} ${message}`;
