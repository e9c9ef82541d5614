import { isDeepStrictEqual } from 'node:util';
import type { StatusDatastore } from '../datastore/datastore.ts';
import type { CalicoNodeStatusView, StatusClass } from '../datastore/resources/views.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';

/** The parts of a status that these classes ask for: plain JSON, without undefined fields. */
export type CollectStatus = (
  classes: readonly StatusClass[],
) => Promise<Readonly<Record<string, unknown>>>;

export interface ReportOptions {
  readonly store: Pick<StatusDatastore, 'putStatus'>;
  readonly collect: CollectStatus;
  readonly clock: Clock;
  readonly logger: Logger;
}

const TRIES = 3;
const PAUSE = 1000;

/** Keeps the status of one object up to date: at once when it is asked for, then period by period. */
export class NodeStatusReport {
  readonly #options: ReportOptions;
  #wanted: CalicoNodeStatusView;
  /** What the status is, as far as it is known. */
  #status: Readonly<Record<string, unknown>>;
  #timer: Timer | undefined;
  #running = false;
  #again = false;
  #stopped = false;
  #failing: string | undefined;

  constructor(wanted: CalicoNodeStatusView, options: ReportOptions) {
    this.#options = options;
    this.#wanted = wanted;
    this.#status = wanted.resource.status ?? {};
    this.refresh();
  }

  /** The object as it is now; a status that somebody wrote is no reason to look again. */
  take(wanted: CalicoNodeStatusView): void {
    const before = this.#wanted;
    this.#wanted = wanted;
    this.#status = wanted.resource.status ?? {};
    if (!isDeepStrictEqual(wanted.resource.spec, before.resource.spec)) this.refresh();
  }

  /** Looks and reports now. */
  refresh(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#timer?.cancel();
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    this.#running = true;
    do {
      this.#again = false;
      await this.#report();
    } while (this.#again && !this.#stopped);
    this.#running = false;
    const { period } = this.#wanted;
    if (period > 0) this.#wait(period * 1000, () => this.refresh());
  }

  async #report(): Promise<void> {
    for (let tries = 1; !this.#stopped; tries++) {
      try {
        await this.#update();
        this.#failing = undefined;
        return;
      } catch (error) {
        if (!(error instanceof BengalError)) throw error;
        if (tries === TRIES) {
          this.#failed(error);
          return;
        }
        await new Promise<void>((resolve) => this.#wait(PAUSE, resolve));
      }
    }
  }

  async #update(): Promise<void> {
    const { store, collect, clock } = this.#options;
    const { name, classes } = this.#wanted;
    const parts = await collect(classes);
    const differs = Object.entries(parts).some(
      ([part, value]) => !isDeepStrictEqual(value, this.#status[part]),
    );
    if (!differs || this.#stopped) return;
    const lastUpdated = new Date(clock.wallTime()).toISOString().replace(/\.\d+Z$/, 'Z');
    await store.putStatus(name, { ...parts, lastUpdated });
    this.#status = { ...this.#status, ...parts };
  }

  #failed(error: BengalError): void {
    if (this.#stopped || this.#failing === error.message) return;
    this.#failing = error.message;
    const { name } = this.#wanted;
    this.#options.logger.warn({ name, problem: error.describe() }, 'node status is not reported');
  }

  #wait(delay: number, fire: () => void): void {
    if (!this.#stopped) this.#timer = this.#options.clock.setTimer('node-status', delay, fire);
  }
}
