import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from '../runtime/clock.ts';

/** V8 of Node 20. Later ones have a compiler in between, and no such flag. */
const HAS_BUDGET = /^11\./;

/**
 * Bytes of bytecode that a function may run between two looks at whether to optimise it, as V8 has
 * it. Under load all that matters is hot at once, and what is compiled besides takes from the load.
 */
const OWN_BUDGET = 66 * 1024;
/** Under a trickle of changes it would take hundreds of them, and the processor has time. */
const TRICKLE_BUDGET = 2500;
/** A rehearsal need not hurry: what V8 has seen more of it optimises once, and less besides. */
const REHEARSAL_BUDGET = 20_000;
/** Share of its time that the event loop works under a trickle: more than timers alone, at most. */
const TRICKLE = { least: 0.02, most: 0.5 };
/** Milliseconds between two looks at how busy the event loop is. */
const LOOK = 250;

/** Has V8 optimise what hands on changes as soon as it was seen a few times, while they only trickle. */
export class TierUp {
  readonly #clock: Clock;
  #before = performance.eventLoopUtilization();
  #budget = OWN_BUDGET;
  #isRehearsing = false;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    if (HAS_BUDGET.test(process.versions.v8)) this.#wait();
  }

  /** A rehearsal has begun, or is over. */
  rehearsing(is: boolean): void {
    this.#isRehearsing = is;
    if (is && this.#timer !== undefined) this.#setBudget(REHEARSAL_BUDGET);
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer('tier-up', LOOK, () => this.#look());
  }

  #look(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#before);
    this.#before = now;
    const isTrickle = utilization >= TRICKLE.least && utilization <= TRICKLE.most;
    if (!this.#isRehearsing) this.#setBudget(isTrickle ? TRICKLE_BUDGET : OWN_BUDGET);
    this.#wait();
  }

  #setBudget(budget: number): void {
    if (budget !== this.#budget) setFlagsFromString(`--interrupt-budget=${budget}`);
    this.#budget = budget;
  }
}
