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

/** Hosts that exchange BFD's datagrams in memory and in the time of the injected clock. */
export class BfdMemoryNetwork {
  readonly #options: Required<BfdMemoryNetworkOptions>;
  readonly #hosts = new Map<string, (arrival: BfdArrival) => void>();
  readonly #cuts = new Set<string>();

  constructor(options: BfdMemoryNetworkOptions) {
    this.#options = { random: seededRandom(1), latency: 1, jitter: 0, loss: 0, ...options };
  }

  /** The network as the host with this one address sees it. */
  host(address: string): BfdNetwork {
    return {
      open: (path, arrived) => {
        this.#hosts.set(address, arrived);
        return this.#port(address, path);
      },
      close: () => {
        this.#hosts.delete(address);
      },
    };
  }

  /** Everything that one host sends to another vanishes. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from} ${to}`);
  }

  restore(from: string, to: string): void {
    this.#cuts.delete(`${from} ${to}`);
  }

  #port(from: string, { remote, interface: zone, multihop }: BfdPath): BfdPort {
    const { clock, random, latency, jitter, loss } = this.#options;
    return {
      send: (bytes) => {
        if (random.next() < loss) return;
        clock.setTimer('datagram', latency + random.next() * jitter, () => {
          if (this.#cuts.has(`${from} ${remote}`)) return;
          this.#hosts.get(remote)?.({ remote: from, interface: zone, multihop, bytes });
        });
      },
      close: () => {},
    };
  }
}
