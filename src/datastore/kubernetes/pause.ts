import type { Clock, Timer } from '../../runtime/clock.ts';

/** A timer that ends at once, without firing, when `signal` aborts. */
export function timerUntil(
  signal: AbortSignal,
  clock: Clock,
  name: string,
  delay: number,
  fire: () => void,
): Timer {
  const cancel = (): void => {
    timer.cancel();
    signal.removeEventListener('abort', cancel);
  };
  const timer = clock.setTimer(name, delay, () => {
    signal.removeEventListener('abort', cancel);
    fire();
  });
  if (signal.aborted) timer.cancel();
  else signal.addEventListener('abort', cancel);
  return { cancel };
}

/** Resolves after `delay` milliseconds; never when `signal` aborts before. */
export const pause = (clock: Clock, delay: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    timerUntil(signal, clock, 'kubernetes-retry', delay, resolve);
  });
