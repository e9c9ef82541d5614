import type { Clock } from './clock.ts';

/** A piece of bulk work; `run` does a little and tells whether more is left. */
export interface Task {
  /** Works until `clock.now()` reaches `deadline`, then returns true while something is left. */
  run(deadline: number): boolean;
}

/** Milliseconds without a turn after which the next one need not wait. */
const REST = 1;

/**
 * Shares one thread fairly between bulk tasks: each turn of the event loop divides a few
 * milliseconds among those that wait, so that timers and sockets never wait behind a full table.
 * Even the least that a task does takes time: who finds none left is the first in the next turn.
 */
export class SlicedWork {
  readonly #clock: Clock;
  readonly #slice: number;
  readonly #waiting = new Set<Task>();
  #scheduled = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** `slice` is the longest uninterrupted run, in milliseconds. */
  constructor(clock: Clock, slice = 4) {
    this.#clock = clock;
    this.#slice = slice;
  }

  get idle(): boolean {
    return this.#waiting.size === 0;
  }

  /** Queues `task` unless it waits already. */
  add(task: Task): void {
    this.#waiting.add(task);
    this.#schedule();
  }

  remove(task: Task): void {
    this.#waiting.delete(task);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // The first change after a rest goes out at once; those that come with it are done together.
    const rested = this.#clock.now() - this.#endedAt > REST;
    if (rested && this.#clock.next !== undefined) this.#clock.next(this.#run);
    else this.#clock.soon(this.#run);
  }

  readonly #run = (): void => {
    try {
      this.#turn();
    } finally {
      // Only now: what is left, or came in this turn, waits until the event loop has been round.
      this.#scheduled = false;
      this.#endedAt = this.#clock.now();
      if (this.#waiting.size > 0) this.#schedule();
    }
  };

  #turn(): void {
    const share = this.#slice / Math.max(1, this.#waiting.size);
    const end = this.#clock.now() + this.#slice;
    for (const task of [...this.#waiting]) {
      const now = this.#clock.now();
      if (now >= end) break;
      if (!this.#waiting.delete(task)) continue;
      if (task.run(now + share)) this.#waiting.add(task);
    }
  }
}
