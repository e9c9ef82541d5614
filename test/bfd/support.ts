import { Engine } from '../../src/bfd/engine.ts';
import { BfdMemoryNetwork, type BfdMemoryNetworkOptions } from '../../src/bfd/memory-network.ts';
import type { BfdReport, SessionCounters, SessionStatus } from '../../src/bfd/messages.ts';
import type { BfdPath } from '../../src/bfd/network.ts';
import type { SessionSettings } from '../../src/bfd/session-state.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

/** Settings in milliseconds. */
export const every = (tx: number, rx: number, detectMultiplier: number): SessionSettings => ({
  desiredMinTx: tx * 1000,
  requiredMinRx: rx * 1000,
  detectMultiplier,
});

export const pathTo = (remote: string, over: Partial<BfdPath> = {}): BfdPath => ({
  remote,
  interface: undefined,
  local: undefined,
  multihop: false,
  ...over,
});

/** One end of a session, and what its engine told. */
export class End {
  readonly engine: Engine;
  readonly told: SessionStatus[] = [];
  counters: readonly SessionCounters[] = [];
  ended = false;
  readonly #path: BfdPath;
  #id = 0;

  constructor(
    network: BfdMemoryNetwork,
    clock: VirtualClock,
    seed: number,
    address: string,
    remote: string,
    multihop = false,
  ) {
    this.#path = pathTo(remote, { multihop });
    this.engine = new Engine({
      clock,
      random: seededRandom(seed),
      network: network.host([address]),
      report: (report) => this.#hear(report),
    });
  }

  open(settings: SessionSettings): void {
    this.engine.command({ type: 'open', id: ++this.#id, path: this.#path, settings });
  }

  configure(settings: SessionSettings): void {
    this.engine.command({ type: 'configure', id: this.#id, settings });
  }

  close(): void {
    this.engine.command({ type: 'close', id: this.#id });
  }

  get status(): SessionStatus {
    const last = this.told.at(-1);
    if (last === undefined) throw new Error('nothing was told');
    return last;
  }

  /** States in the order in which they were entered, with the reasons. */
  get moves(): readonly string[] {
    const all = this.told.map(({ state, reason }) => `${state}: ${reason}`);
    return all.filter((move, index) => move !== all[index - 1]);
  }

  #hear(report: BfdReport): void {
    if (report.type === 'status') this.told.push(report.status);
    if (report.type === 'counters') this.counters = report.counters;
    if (report.type === 'ended') this.ended = true;
  }
}

export const A = '10.0.0.1';
export const B = '10.0.0.2';

/** Two ends on one link, in virtual time. */
export class Pair {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: BfdMemoryNetwork;
  readonly a: End;
  b: End;
  readonly #seed: number;

  constructor(seed = 1, link: Partial<BfdMemoryNetworkOptions> = {}) {
    this.#seed = seed;
    const random = seededRandom(seed);
    this.network = new BfdMemoryNetwork({ clock: this.clock, random, ...link });
    this.a = new End(this.network, this.clock, seed + 1, A, B);
    this.b = new End(this.network, this.clock, seed + 2, B, A);
  }

  /** A pair whose session is up. */
  static up(a: SessionSettings, b: SessionSettings, seed = 1): Pair {
    const pair = new Pair(seed);
    pair.a.open(a);
    pair.b.open(b);
    pair.clock.advance(10_000);
    return pair;
  }

  /** A new process in place of b's, which is gone without a word. */
  restartB(settings: SessionSettings): void {
    this.b = new End(this.network, this.clock, this.#seed + 3, B, A);
    this.b.open(settings);
  }

  seconds(count: number): void {
    this.clock.advance(count * 1000);
  }
}
