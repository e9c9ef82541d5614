import type { Clock } from './clock.ts';

/** A piece of bulk work; `run` does a little and tells whether more is left. */
export interface Task {
  /** Works until `clock.now()` reaches `deadline`, then returns true while something is left. */
  run(deadline: number): boolean;
}

/**
 * Shares one thread fairly between bulk tasks: each turn of the event loop gives every waiting
 * task a slice of a few milliseconds, so that timers and sockets never wait behind a full table.
 */
export class SlicedWork {
  readonly #clock: Clock;
  readonly #slice: number;
  readonly #waiting = new Set<Task>();
  #scheduled = false;

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
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const share = this.#slice / Math.max(1, this.#waiting.size);
    for (const task of [...this.#waiting]) {
      if (!this.#waiting.delete(task)) continue;
      if (task.run(this.#clock.now() + share)) this.#waiting.add(task);
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
