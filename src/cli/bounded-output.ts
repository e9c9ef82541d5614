import type { Clock, Timer } from '../runtime/clock.ts';

export interface BoundedOutputOptions {
  /** With more octets than this waiting for the reader, a further line is lost. */
  readonly bound: number;
  readonly clock: Clock;
  /** Writes without waiting and returns the octets taken; throws EAGAIN where none are. */
  readonly write: (bytes: Buffer) => number;
  /** Told once there is room again; what it writes stands where the lost lines would. */
  readonly lost: (lines: number) => void;
}

/** Milliseconds until a reader that took nothing is tried again: doubled from least to most. */
const LEAST_PAUSE = 10;
const MOST_PAUSE = 500;

/** How long, and in what steps, the end of the process waits for the reader, in milliseconds. */
const PATIENCE = 1000;
const STEP = 10;

/**
 * Lines for a reader that may be slow, stall or leave. A line goes out at once where the reader
 * takes it. Where not it waits within a bound, beyond which lines are lost and counted. Nobody ever
 * waits for the reader, except `finish`.
 */
export class BoundedOutput {
  readonly #options: BoundedOutputOptions;
  /** The rest of what was tried, and the lines behind it. */
  #rest: Buffer = Buffer.alloc(0);
  #lines: string[] = [];
  #octets = 0;
  #lost = 0;
  #pause = LEAST_PAUSE;
  #retry: Timer | undefined;

  constructor(options: BoundedOutputOptions) {
    this.#options = options;
  }

  write(line: string): void {
    if (this.#lost > 0 || this.#octets > this.#options.bound) this.#lost++;
    else {
      this.#lines.push(line);
      this.#octets += Buffer.byteLength(line);
    }
    if (this.#retry === undefined) this.#drain();
  }

  /** The last words: blocks the process until all is written, but no longer than a second. */
  finish(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    for (let waited = 0; waited < PATIENCE; waited += STEP) {
      const refusal = this.#push();
      this.#tellLost();
      if (this.#octets === 0 || (refusal !== undefined && refusal !== 'EAGAIN')) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP);
    }
  }

  #drain(): void {
    const before = this.#octets;
    this.#push();
    if (this.#octets === 0 && this.#lost === 0) {
      this.#retry = undefined;
      return;
    }
    const moves = this.#octets < before;
    this.#pause = moves ? LEAST_PAUSE : Math.min(2 * this.#pause, MOST_PAUSE);
    this.#retry = this.#options.clock.setTimer('log', this.#pause, () => this.#drain());
    this.#tellLost();
  }

  /** Writes as much as is taken; returns why no more is, undefined when nothing is left. */
  #push(): string | undefined {
    while (this.#octets > 0) {
      if (this.#rest.length === 0) {
        this.#rest = Buffer.from(this.#lines.join(''));
        this.#lines = [];
      }
      try {
        const taken = this.#options.write(this.#rest);
        this.#rest = this.#rest.subarray(taken);
        this.#octets -= taken;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? 'unknown';
      }
    }
    return undefined;
  }

  /** Half of the bound must be free, so that a slow reader is not told after every line. */
  #tellLost(): void {
    if (this.#lost === 0 || this.#octets > this.#options.bound / 2) return;
    const lines = this.#lost;
    this.#lost = 0;
    this.#options.lost(lines);
  }
}
