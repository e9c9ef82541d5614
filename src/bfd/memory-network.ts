import type { Clock } from '../runtime/clock.ts';
import { type Random, seededRandom } from '../runtime/random.ts';
import type { BfdArrival, BfdNetwork, BfdPath, BfdPort } from './network.ts';

export interface BfdMemoryNetworkOptions {
  readonly clock: Clock;
  readonly random?: Random;
  /** One way, in milliseconds: at least this, and at most `jitter` more; default 1 and 0. */
  readonly latency?: number;
  readonly jitter?: number;
  /** Share of the datagrams that vanish; default 0. */
  readonly loss?: number;
}

interface Process {
  readonly addresses: readonly string[];
  arrived: (arrival: BfdArrival) => void;
}

/** Hosts that exchange BFD's datagrams in memory and in the time of the injected clock. */
export class BfdMemoryNetwork {
  readonly #options: Required<BfdMemoryNetworkOptions>;
  readonly #hosts = new Map<string, Process>();
  readonly #cuts = new Set<string>();

  constructor(options: BfdMemoryNetworkOptions) {
    this.#options = { random: seededRandom(1), latency: 1, jitter: 0, loss: 0, ...options };
  }

  /** The network as a new process at these addresses sees it. */
  host(addresses: readonly string[]): BfdNetwork {
    const process: Process = { addresses, arrived: () => {} };
    for (const address of addresses) this.#hosts.set(address, process);
    return {
      open: (path, arrived) => {
        process.arrived = arrived;
        return this.#port(process, path);
      },
      close: () => {
        process.arrived = () => {};
      },
    };
  }

  /** The process there is gone without a word: whatever it still sends vanishes. */
  vacate(addresses: readonly string[]): void {
    for (const address of addresses) this.#hosts.delete(address);
  }

  /** Everything that one host sends to another vanishes. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from} ${to}`);
  }

  restore(from: string, to: string): void {
    this.#cuts.delete(`${from} ${to}`);
  }

  #port(process: Process, path: BfdPath): BfdPort {
    const { clock, random, latency, jitter, loss } = this.#options;
    const { remote, interface: zone, multihop } = path;
    const from = path.local ?? sourceFor(remote, process.addresses);
    return {
      send: (bytes) => {
        if (random.next() < loss || this.#hosts.get(from) !== process) return;
        clock.setTimer('datagram', latency + random.next() * jitter, () => {
          if (this.#cuts.has(`${from} ${remote}`)) return;
          this.#hosts.get(remote)?.arrived({ remote: from, interface: zone, multihop, bytes });
        });
      },
      close: () => {},
    };
  }
}

/** The first of our addresses that is of the family of `remote`. */
const sourceFor = (remote: string, addresses: readonly string[]): string =>
  addresses.find((own) => own.includes(':') === remote.includes(':')) ?? '';
