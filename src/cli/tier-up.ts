import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from '../runtime/clock.ts';

/** V8 of Node 20. Later ones have a compiler in between, and no such flag. */
const HAS_BUDGET = /^11\./;

/**
 * Bytes of bytecode that a function may run between two looks at whether to optimise it; V8's own
 * value is 66 KiB. Under load all that matters is hot at once, and compiling takes from the load.
 */
const BUSY_BUDGET = 20_000;
/** Under a trickle of changes it would take hundreds of them, and the processor has time. */
const TRICKLE_BUDGET = 5000;
/** Share of its time that the event loop works under a trickle: more than timers alone, at most. */
const TRICKLE = { least: 0.02, most: 0.5 };
/** Milliseconds between two looks at how busy the event loop is. */
const LOOK = 250;

/** For programs that run for months: V8 optimises what is used often earlier than for scripts. */
export function optimiseEarly(clock: Clock): Timer {
  if (!HAS_BUDGET.test(process.versions.v8)) return { cancel: () => {} };
  let budget = BUSY_BUDGET;
  setBudget(budget);
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const isTrickle = utilization >= TRICKLE.least && utilization <= TRICKLE.most;
    const wanted = isTrickle ? TRICKLE_BUDGET : BUSY_BUDGET;
    if (wanted !== budget) setBudget(wanted);
    budget = wanted;
    timer = clock.setTimer('tier-up', LOOK, look);
  };
  let timer = clock.setTimer('tier-up', LOOK, look);
  return { cancel: () => timer.cancel() };
}

const setBudget = (budget: number): void => setFlagsFromString(`--interrupt-budget=${budget}`);
