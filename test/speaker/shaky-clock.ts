import type { Clock, Timer } from '../../src/runtime/clock.ts';

/** The clock of a process that can be stopped, on a machine whose wall time can be set. */
export class ShakyClock implements Clock {
  /** Milliseconds by which somebody has set the wall time. */
  shift = 0;
  readonly #inner: Clock;
  /** Timers that were due while the process was stopped; undefined: it runs. */
  #due: Set<() => void> | undefined;

  constructor(inner: Clock) {
    this.#inner = inner;
  }

  now(): number {
    return this.#inner.now();
  }

  wallTime(): number {
    return this.#inner.wallTime() + this.shift;
  }

  setTimer(name: string, delay: number, fire: () => void): Timer {
    const run = (): void => {
      if (this.#due === undefined) fire();
      else this.#due.add(run);
    };
    const timer = this.#inner.setTimer(name, delay, run);
    return {
      cancel: () => {
        timer.cancel();
        this.#due?.delete(run);
      },
    };
  }

  soon(run: () => void): void {
    this.setTimer('soon', 0, run);
  }

  /** As SIGSTOP. */
  suspend(): void {
    this.#due ??= new Set();
  }

  /** As SIGCONT: timers come before input, as in the event loop. */
  resume(): void {
    const due = this.#due ?? [];
    for (const run of due) this.#inner.setTimer('late', 0, run);
    this.#due = undefined;
  }
}
