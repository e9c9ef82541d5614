import type { Clock } from '../../runtime/clock.ts';

/** Waits until a record of a file is due; its time is in microseconds since the Unix epoch. */
export type Pace = (time: number) => Promise<void>;

/** Records come as far apart as when they were written, `speed` times as fast. */
export function originalPace(clock: Clock, speed: number): Pace {
  const began = clock.now();
  let first: number | undefined;
  return async (time) => {
    first ??= time;
    const left = began + (time - first) / 1000 / speed - clock.now();
    if (left <= 0) return;
    await new Promise<void>((resolve) => {
      clock.setTimer('mrt-pace', left, resolve);
    });
  };
}
