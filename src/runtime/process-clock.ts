import type { Clock } from './clock.ts';

/** The real clock of this process. */
export const processClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (_name, delay, fire) => {
    const handle = setTimeout(fire, delay);
    return { cancel: () => clearTimeout(handle) };
  },
  soon: (run) => {
    setImmediate(run);
  },
  next: (run) => process.nextTick(run),
};
