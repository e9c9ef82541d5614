/** First in, first out. What was taken is let go in bulk, so that a queue that never empties stays small. */
export class Queue<T> {
  #entering: T[] = [];
  #leaving: T[] = [];
  #next = 0;

  get size(): number {
    return this.#entering.length + this.#leaving.length - this.#next;
  }

  push(item: T): void {
    this.#entering.push(item);
  }

  /** The oldest, or undefined when nothing is left. */
  take(): T | undefined {
    if (this.#next === this.#leaving.length) {
      this.#leaving = this.#entering;
      this.#entering = [];
      this.#next = 0;
      if (this.#leaving.length === 0) return undefined;
    }
    return this.#leaving[this.#next++];
  }

  clear(): void {
    this.#entering = [];
    this.#leaving = [];
    this.#next = 0;
  }
}
