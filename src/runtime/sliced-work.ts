import type { Clock } from './clock.ts';

/** A piece of bulk work; `run` does a little and tells whether more is left. */
export interface Task {
  /** Kept by the `SlicedWork` that the task was added to. */
  isWaiting?: boolean;
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
  /** In the order of their turns. */
  readonly #waiting: Task[] = [];
  #scheduled = false;
  /** The next turn is for the first change after a rest. */
  #atOnce = false;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** `slice` is the longest uninterrupted run, in milliseconds. */
  constructor(clock: Clock, slice = 4) {
    this.#clock = clock;
    this.#slice = slice;
  }

  get idle(): boolean {
    return this.#waiting.length === 0;
  }

  /** Queues `task` unless it waits already. */
  add(task: Task): void {
    if (task.isWaiting === true) return;
    task.isWaiting = true;
    this.#waiting.push(task);
    this.#schedule();
  }

  remove(task: Task): void {
    if (task.isWaiting !== true) return;
    task.isWaiting = false;
    this.#waiting.splice(this.#waiting.indexOf(task), 1);
  }

  /** Nothing comes with the first change after a rest any more. */
  flush(): void {
    if (this.#scheduled && this.#atOnce) this.#run();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // The first change after a rest goes out at once; those that come with it are done together.
    this.#atOnce = this.#clock.now() - this.#endedAt > REST;
    if (this.#atOnce && this.#clock.next !== undefined) this.#clock.next(this.#run);
    else this.#clock.soon(this.#run);
  }

  readonly #run = (): void => {
    if (!this.#scheduled) return;
    try {
      this.#turn();
    } finally {
      // Only now: what is left, or came in this turn, waits until the event loop has been round.
      this.#scheduled = false;
      this.#endedAt = this.#clock.now();
      if (this.#waiting.length > 0) this.#schedule();
    }
  };

  #turn(): void {
    const count = this.#waiting.length;
    const share = this.#slice / Math.max(1, count);
    let now = this.#clock.now();
    const end = now + this.#slice;
    for (let turns = 0; turns < count && now < end; turns++) {
      const task = this.#waiting.shift();
      if (task === undefined) break;
      task.isWaiting = false;
      if (task.run(now + share) && task.isWaiting === false) {
        task.isWaiting = true;
        this.#waiting.push(task);
      }
      now = this.#clock.now();
    }
  }
}
