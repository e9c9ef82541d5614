import type { Clock, Timer } from '../runtime/clock.ts';

/** Milliseconds before the next attempt, by the number of failures so far. */
const DELAYS: readonly number[] = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000];

/** Things to try again later, with exponential back-off and one timer for all of them. */
export class RetryQueue<T> {
  readonly #clock: Clock;
  readonly #retry: (item: T) => void;
  /** One queue per delay, each in the order of falling due. */
  readonly #queues: readonly Map<T, number>[] = DELAYS.map(() => new Map<T, number>());
  #timer: Timer | undefined;

  constructor(clock: Clock, retry: (item: T) => void) {
    this.#clock = clock;
    this.#retry = retry;
  }

  /** `failures` counts from 1. */
  add(item: T, failures: number): void {
    this.remove(item);
    const level = Math.min(failures, DELAYS.length) - 1;
    this.#queues[level]?.set(item, this.#clock.now() + (DELAYS[level] ?? 0));
    this.#arm();
  }

  remove(item: T): void {
    for (const queue of this.#queues) queue.delete(item);
  }

  /** What waits and matches is due now. */
  hasten(matches: (item: T) => boolean): void {
    for (const queue of this.#queues) {
      for (const item of [...queue.keys()].filter(matches)) {
        queue.delete(item);
        this.#retry(item);
      }
    }
  }

  close(): void {
    for (const queue of this.#queues) queue.clear();
    this.#timer?.cancel();
  }

  #arm(): void {
    this.#timer?.cancel();
    let next = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      const [due] = queue.values();
      if (due !== undefined && due < next) next = due;
    }
    this.#timer = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    const delay = Math.max(0, next - this.#clock.now());
    this.#timer = this.#clock.setTimer('fib-retry', delay, () => this.#fire());
  }

  #fire(): void {
    const now = this.#clock.now();
    for (const queue of this.#queues) {
      for (const [item, due] of queue) {
        if (due > now) break;
        queue.delete(item);
        this.#retry(item);
      }
    }
    this.#arm();
  }
}
