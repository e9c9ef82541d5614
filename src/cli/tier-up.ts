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
/** Share of its time that the event loop works under a trickle: more than timers alone, at most. */
const TRICKLE = { least: 0.02, most: 0.5 };
/** Milliseconds between two looks at how busy the event loop is. */
const LOOK = 250;

/** While changes only trickle, V8 optimises what hands them on as soon as it has been seen a few times. */
export function optimiseUnderTrickle(clock: Clock): Timer {
  if (!HAS_BUDGET.test(process.versions.v8)) return { cancel: () => {} };
  let budget = OWN_BUDGET;
  let before = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const isTrickle = utilization >= TRICKLE.least && utilization <= TRICKLE.most;
    const wanted = isTrickle ? TRICKLE_BUDGET : OWN_BUDGET;
    if (wanted !== budget) setBudget(wanted);
    budget = wanted;
    timer = clock.setTimer('tier-up', LOOK, look);
  };
  let timer = clock.setTimer('tier-up', LOOK, look);
  return { cancel: () => timer.cancel() };
}

const setBudget = (budget: number): void => setFlagsFromString(`--interrupt-budget=${budget}`);
