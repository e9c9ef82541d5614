import { performance } from 'node:perf_hooks';
import { LinuxError } from '../../linux/linux-error.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { changes, table } from './script.ts';
import { Stage } from './stage.ts';

/** Milliseconds of rest in front of a rehearsal, and after an interruption. */
const REST = 250;
/** Share of them that the event loop may have worked. */
const IDLE = 0.1;
/** Milliseconds between two changes. */
const PACE = 1;
/** Milliseconds by which a change is late when somebody else has the event loop. */
const LATE = 20;
/** V8 takes what it saw in one reflector for a constant; in two, for what it is. */
const STAGES = 2;

export interface RehearsalOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** It has begun, or is over. */
  readonly rehearsing: (is: boolean) => void;
}

/**
 * Passes changes through reflectors of its own, whose clients are socket pairs, so that V8 has seen
 * and optimised what hands on a change before the first one comes. Only in the quiet after a start:
 * where there is work at once, that work is the better rehearsal.
 */
export class Rehearsal {
  readonly #options: RehearsalOptions;
  #stages: readonly Stage[] = [];
  #timer: Timer;

  constructor(options: RehearsalOptions) {
    this.#options = options;
    const before = performance.eventLoopUtilization();
    this.#timer = this.#after(REST, () => {
      if (performance.eventLoopUtilization(before).utilization <= IDLE) this.#begin();
      else options.logger.debug({}, 'no rehearsal: there is work');
    });
  }

  cancel(): void {
    this.#timer.cancel();
    if (this.#stages.length > 0) this.#end();
  }

  #begin(): void {
    const { clock, logger, rehearsing } = this.#options;
    this.#stages = Array.from({ length: STAGES }, () => new Stage(clock));
    rehearsing(true);
    try {
      for (const stage of this.#stages) stage.open();
    } catch (error) {
      this.#end();
      if (!(error instanceof LinuxError)) throw error;
      logger.debug({ reason: error.message }, 'no rehearsal: there are no socket pairs');
      return;
    }
    for (const stage of this.#stages) stage.feed(table());
    this.#goOn(changes(), PACE);
  }

  #goOn(left: Iterator<Buffer>, rest: number): void {
    const { clock, logger } = this.#options;
    const due = clock.now() + rest;
    this.#timer = this.#after(rest, () => {
      const isLate = clock.now() > due + LATE;
      const { value, done } = left.next();
      if (done === true) {
        logger.debug({ octets: this.#stages.map(({ told }) => told) }, 'rehearsed');
        this.#end();
        return;
      }
      for (const stage of this.#stages) stage.feed(value);
      this.#goOn(left, isLate ? REST : PACE);
    });
  }

  #end(): void {
    for (const stage of this.#stages) stage.close();
    this.#stages = [];
    this.#options.rehearsing(false);
  }

  #after(delay: number, run: () => void): Timer {
    return this.#options.clock.setTimer('rehearsal', delay, run);
  }
}
