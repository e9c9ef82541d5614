import type { Clock, Timer } from '../runtime/clock.ts';

/**
 * How far a speaker is on its polite way out (RFC 8326): routes are announced as going away, then
 * withdrawn, then every session ends.
 */
export type DrainStage = 'off' | 'graceful' | 'withdrawn' | 'drained';

/** Seconds that withdrawals have to reach the peers before the sessions end. */
const FAREWELL = 2;

/** The stages of a drain, one after the other. */
export class Drain {
  readonly #clock: Clock;
  readonly #moved: (stage: DrainStage) => void;
  #stage: DrainStage = 'off';
  #timer: Timer | undefined;

  /** `moved` is called at the beginning of each stage, and with `off` when all is taken back. */
  constructor(clock: Clock, moved: (stage: DrainStage) => void) {
    this.#clock = clock;
    this.#moved = moved;
  }

  get stage(): DrainStage {
    return this.#stage;
  }

  /** Announces for `wait` seconds that the routes go away. */
  begin(wait: number): void {
    this.#enter('graceful');
    this.#after(wait, () => {
      this.#enter('withdrawn');
      this.#after(FAREWELL, () => this.#enter('drained'));
    });
  }

  /** Takes everything back; false when there is nothing to take back, or not any more. */
  cancel(): boolean {
    if (this.#stage === 'off' || this.#stage === 'drained') return false;
    this.stop();
    this.#enter('off');
    return true;
  }

  /** Stays at the present stage. */
  stop(): void {
    this.#timer?.cancel();
  }

  #enter(stage: DrainStage): void {
    this.#stage = stage;
    this.#moved(stage);
  }

  #after(seconds: number, then: () => void): void {
    this.#timer = this.#clock.setTimer('drain', seconds * 1000, then);
  }
}
