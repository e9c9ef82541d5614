import type { Random } from '../../runtime/random.ts';

const FIRST = 500;
const LONGEST = 30_000;

/** Waits that double, jittered, so that a thousand nodes do not come back at once. */
export class BackOff {
  readonly #random: Random;
  #attempts = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt, and no less than `atLeast`. */
  next(atLeast = 0): number {
    const wait = Math.min(LONGEST, FIRST * 2 ** this.#attempts);
    this.#attempts = Math.min(this.#attempts + 1, 16);
    return atLeast + wait * (0.5 + this.#random.next() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
