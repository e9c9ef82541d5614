import { formatPrefix, type Prefix } from '../net/prefix.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Probe } from '../runtime/probe.ts';
import { FIB_STATES, FibState, type FibStateCode } from './fib-state.ts';
import type { ProgramError } from './kernel.ts';

/** One log line per state and this many milliseconds, however many routes fail. */
const LOG_INTERVAL = 1000;

interface Stated {
  readonly prefix: Prefix;
  readonly error: ProgramError | undefined;
  state: FibStateCode | undefined;
}

interface Failures {
  count: number;
  /** The first prefix, as an example. */
  readonly prefix: string;
  readonly message: string | undefined;
}

/** Counts prefixes by state, and tells log and probe of state changes. */
export class FibLedger {
  readonly counts: number[] = FIB_STATES.map(() => 0);
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #probe: Probe;
  readonly #failures = new Map<FibStateCode, Failures>();
  #timer: Timer | undefined;

  constructor({ clock, logger, probe }: { clock: Clock; logger: Logger; probe: Probe }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#probe = probe;
  }

  /** Undefined: the prefix is no longer of interest. */
  move(entry: Stated, state: FibStateCode | undefined): void {
    const before = entry.state;
    if (before === state) return;
    entry.state = state;
    if (before !== undefined) this.counts[before] = (this.counts[before] ?? 0) - 1;
    if (state === undefined) return;
    this.counts[state] = (this.counts[state] ?? 0) + 1;
    if (state === FibState.pending) return;
    if (this.#probe.watchesKernel) {
      const reason = FIB_STATES[state]?.name ?? '';
      this.#probe.kernelEvent('fib', formatPrefix(entry.prefix), reason);
    }
    if (state > FibState.adopted) this.#note(entry, state);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #note({ prefix, error }: Stated, state: FibStateCode): void {
    const known = this.#failures.get(state);
    if (known !== undefined) known.count++;
    else {
      const failures = { count: 1, prefix: formatPrefix(prefix), message: error?.message };
      this.#failures.set(state, failures);
    }
    this.#timer ??= this.#clock.setTimer('fib-log', LOG_INTERVAL, () => this.#flush());
  }

  #flush(): void {
    this.#timer = undefined;
    for (const [state, { count, prefix, message }] of this.#failures) {
      const reason = FIB_STATES[state]?.name;
      this.#logger.warn({ reason, count, prefix, message }, 'routes not as wanted in the kernel');
    }
    this.#failures.clear();
  }
}
