import type { Clock, Timer } from '../../src/runtime/clock.ts';
import { processClock } from '../../src/runtime/process-clock.ts';

/** The process clock, which also knows what is still to come. */
export class CountingClock implements Clock {
  readonly #pending = new Set<Timer>();

  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return processClock.now();
  }

  wallTime(): number {
    return processClock.wallTime();
  }

  setTimer(name: string, delay: number, fire: () => void): Timer {
    const timer = processClock.setTimer(name, delay, () => {
      this.#pending.delete(counted);
      fire();
    });
    const counted: Timer = {
      cancel: () => {
        this.#pending.delete(counted);
        timer.cancel();
      },
    };
    this.#pending.add(counted);
    return counted;
  }

  soon(run: () => void): void {
    processClock.soon(run);
  }
}
