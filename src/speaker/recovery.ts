import type { Family } from '../net/family.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { DEFERRAL_CAP, Deferral, type DeferralEvent } from '../session/deferral.ts';
import type { Negotiated } from '../session/negotiated.ts';

/**
 * Seconds after which a peer that has not come back is no longer waited for: longer than the wait
 * after an error (30 s) and a connect-retry, so that whoever lives has dialled by then.
 */
const ABSENT_CAP = 40;

export interface RecoveryOptions {
  readonly clock: Clock;
  /** Peers with graceful restart, by name. */
  readonly peers: Iterable<string>;
  /** Selection may begin; called once, on a later turn. */
  readonly done: (reason: string) => void;
}

/**
 * The restarting speaker of RFC 4724 §4.1: holds route selection back until every peer that kept
 * our routes has told all of its own, so that nothing is withdrawn that is only not yet known.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #timers: readonly Timer[];
  readonly #begun: number;
  readonly #deferral: Deferral;
  #over = false;

  constructor(options: RecoveryOptions) {
    const { clock } = options;
    this.#options = options;
    this.#begun = clock.now();
    this.#deferral = new Deferral(options.peers);
    this.#timers = [
      clock.setTimer('recovery/absent', ABSENT_CAP * 1000, () => this.#forgetAbsent()),
      clock.setTimer('recovery/cap', DEFERRAL_CAP * 1000, () =>
        this.#step({ type: 'cap-reached' }, 'the time limit was reached'),
      ),
    ];
    if (this.#deferral.done) clock.soon(() => this.#finish('there is nobody to wait for'));
  }

  /** Names of the peers that are waited for. */
  get awaited(): readonly string[] {
    return this.#over ? [] : [...this.#deferral.awaited.keys()];
  }

  /** Seconds until selection begins, whoever is still missing. */
  get secondsLeft(): number {
    return Math.max(0, DEFERRAL_CAP - (this.#options.clock.now() - this.#begun) / 1000);
  }

  up(peer: string, negotiated: Negotiated): void {
    this.#step({ type: 'peer-up', peer, negotiated });
  }

  endOfRib(peer: string, family: Family): void {
    this.#step({ type: 'peer-eor', peer, family });
  }

  gone(peer: string): void {
    this.#step({ type: 'peer-gone', peer });
  }

  removed(peer: string): void {
    this.#step({ type: 'peer-removed', peer });
  }

  cancel(): void {
    this.#over = true;
    for (const timer of this.#timers) timer.cancel();
  }

  #forgetAbsent(): void {
    for (const [peer, families] of this.#deferral.awaited) {
      if (families === 'unknown') this.removed(peer);
    }
  }

  #step(event: DeferralEvent, reason = 'every peer has told its routes'): void {
    this.#deferral.step(event);
    if (this.#deferral.done) this.#finish(reason);
  }

  #finish(reason: string): void {
    if (this.#over) return;
    this.cancel();
    this.#options.clock.soon(() => this.#options.done(reason));
  }
}
