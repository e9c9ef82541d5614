import type { Clock, Timer } from './clock.ts';

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly name: string;
  /** Undefined once fired or cancelled. */
  fire: (() => void) | undefined;
}

/**
 * Virtual time: nothing happens until `advance` or `runUntil` is called, and then in a fixed order
 * (by time, then by the order of scheduling). The same calls always give the same run.
 */
export class VirtualClock implements Clock {
  readonly #heap: Entry[] = [];
  #now = 0;
  #order = 0;

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  setTimer(name: string, delay: number, fire: () => void): Timer {
    const at = this.#now + Math.max(0, delay);
    const entry: Entry = { at, order: this.#order++, name, fire };
    this.#push(entry);
    return {
      cancel: () => {
        entry.fire = undefined;
      },
    };
  }

  soon(run: () => void): void {
    this.setTimer('soon', 0, run);
  }

  /** Runs everything due in the next `duration` milliseconds, then stands at that time. */
  advance(duration: number): void {
    const end = this.#now + duration;
    while (this.#step(end));
    this.#now = end;
  }

  /**
   * Runs until `done` holds; returns false when `limit` milliseconds passed without it.
   * `done` is looked at after every event.
   */
  runUntil(done: () => boolean, limit: number): boolean {
    const end = this.#now + limit;
    while (!done()) if (!this.#step(end)) return done();
    return true;
  }

  #step(end: number): boolean {
    for (let entry = this.#heap[0]; entry !== undefined; entry = this.#heap[0]) {
      const { fire } = entry;
      if (fire === undefined) {
        this.#pop();
        continue;
      }
      if (entry.at > end) return false;
      this.#pop();
      this.#now = Math.max(this.#now, entry.at);
      entry.fire = undefined;
      fire();
      return true;
    }
    return false;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up];
      if (above === undefined || before(above, entry)) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const leftEntry = heap[left];
      const rightEntry = heap[right];
      if (leftEntry === undefined) break;
      const child =
        rightEntry !== undefined && before(rightEntry, leftEntry) ? rightEntry : leftEntry;
      if (before(last, child)) break;
      heap[at] = child;
      at = child === leftEntry ? left : right;
    }
    heap[at] = last;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
