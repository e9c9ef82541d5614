import type { Clock, Timer } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { TimerName } from '../session/state.ts';

interface Armed {
  readonly timer: Timer;
  /** Clock milliseconds at which it expires. */
  readonly deadline: number;
}

/** Shortest share of its period after which a jittered timer fires, RFC 4271 §10. */
const LEAST_JITTER = 0.75;

/** The timers of one peer, by name. */
export class PeerTimers {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #peer: string;
  readonly #expired: (name: TimerName) => void;
  readonly #armed = new Map<TimerName, Armed>();

  constructor(peer: string, clock: Clock, random: Random, expired: (name: TimerName) => void) {
    this.#peer = peer;
    this.#clock = clock;
    this.#random = random;
    this.#expired = expired;
  }

  /** Starts the timer, or starts it again. `period` is seconds. */
  arm(name: TimerName, period: number, jitter: boolean): void {
    this.disarm(name);
    const share = jitter ? LEAST_JITTER + (1 - LEAST_JITTER) * this.#random.next() : 1;
    const delay = period * 1000 * share;
    const timer = this.#clock.setTimer(`${this.#peer}/${name}`, delay, () => {
      this.#armed.delete(name);
      this.#expired(name);
    });
    this.#armed.set(name, { timer, deadline: this.#clock.now() + delay });
  }

  disarm(name: TimerName): void {
    this.#armed.get(name)?.timer.cancel();
    this.#armed.delete(name);
  }

  disarmAll(): void {
    for (const name of [...this.#armed.keys()]) this.disarm(name);
  }

  /** Seconds until the timer expires; undefined when it is not armed. */
  left(name: TimerName): number | undefined {
    const armed = this.#armed.get(name);
    return armed && Math.max(0, (armed.deadline - this.#clock.now()) / 1000);
  }
}
