import type { Clock } from '../runtime/clock.ts';
import { type Random, seededRandom } from '../runtime/random.ts';
import { MemoryConnection, type MemoryWire } from './memory-connection.ts';
import { type HostNetwork, MemoryTransport } from './memory-transport.ts';
import type { AcceptLimits, Endpoint } from './transport.ts';

/** How a cut link behaves: connections are reset, or packets vanish until it is restored. */
export type Cut = 'reset' | 'silent';

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random?: Random;
  /** One way, in milliseconds; default 1. */
  readonly latency?: number;
  /** At most so much is added to the latency of a segment; default 0. Segments never overtake. */
  readonly jitter?: number;
  /** Whether writes arrive as they were made, or cut at random places. */
  readonly segments?: 'whole' | 'random';
}

interface Packet {
  readonly from: MemoryConnection;
  readonly arrive: () => void;
}

interface CutLink {
  readonly how: Cut;
  /** What TCP would send again once the link is back. */
  readonly lost: Packet[];
}

/** Largest segment with `segments: 'random'`, in octets. */
const RANDOM_SEGMENT = 2048;

/** Hosts joined by links of equal latency, in memory and in the time of the injected clock. */
export class MemoryNetwork implements MemoryWire, HostNetwork {
  readonly clock: Clock;
  readonly #random: Random;
  readonly #latency: number;
  readonly #jitter: number;
  readonly #segments: 'whole' | 'random';
  readonly #hosts = new Map<string, MemoryTransport>();
  readonly #cuts = new Map<string, CutLink>();
  readonly #ends = new Set<MemoryConnection>();
  /** Until when the earlier segments of an end are on their way. */
  readonly #busyUntil = new WeakMap<MemoryConnection, number>();
  readonly #guards = new Map<MemoryConnection, () => void>();

  constructor(options: MemoryNetworkOptions) {
    this.clock = options.clock;
    this.#random = options.random ?? seededRandom(1);
    this.#latency = options.latency ?? 1;
    this.#jitter = options.jitter ?? 0;
    this.#segments = options.segments ?? 'whole';
  }

  /** A transport whose host has these addresses. */
  host(addresses: readonly string[], limits?: AcceptLimits): MemoryTransport {
    const host = new MemoryTransport(this, addresses, limits);
    for (const address of addresses) this.#hosts.set(address, host);
    return host;
  }

  /** Cuts the link between two addresses. */
  cut(a: string, b: string, how: Cut): void {
    this.#cuts.set(linkKey(a, b), { how, lost: [] });
    if (how === 'silent') return;
    for (const end of [...this.#ends]) {
      if (joins(end, a, b)) this.clock.soon(() => end.fail('reset'));
    }
  }

  restore(a: string, b: string): void {
    const link = this.#cuts.get(linkKey(a, b));
    this.#cuts.delete(linkKey(a, b));
    for (const { from, arrive } of link?.lost ?? []) this.carry(from, arrive);
  }

  hostOf(address: string): MemoryTransport | undefined {
    return this.#hosts.get(address);
  }

  cutBetween(a: string, b: string): Cut | undefined {
    return this.#cuts.get(linkKey(a, b))?.how;
  }

  delay(): number {
    return this.#latency + this.#jitter * this.#random.next();
  }

  /** Makes both ends of a connection. */
  join(client: Endpoint, server: Endpoint): { client: MemoryConnection; server: MemoryConnection } {
    const ends = {
      client: new MemoryConnection(this, client, server),
      server: new MemoryConnection(this, server, client),
    };
    ends.client.peer = ends.server;
    ends.server.peer = ends.client;
    this.#ends.add(ends.client).add(ends.server);
    return ends;
  }

  guard(end: MemoryConnection, leave: () => void): void {
    this.#guards.set(end, leave);
  }

  carry(from: MemoryConnection, arrive: () => void): void {
    const now = this.clock.now();
    const at = Math.max(now + this.delay(), this.#busyUntil.get(from) ?? 0);
    this.#busyUntil.set(from, at);
    this.clock.setTimer('segment', at - now, () => {
      if (!from.heard) return;
      const cut = this.#cuts.get(linkKey(from.local.address, from.remote.address));
      if (cut === undefined) arrive();
      else if (cut.how === 'silent') cut.lost.push({ from, arrive });
    });
  }

  segment(left: number): number {
    if (this.#segments === 'whole') return left;
    return 1 + (this.#random.u32() % Math.min(left, RANDOM_SEGMENT));
  }

  admitted(end: MemoryConnection): void {
    this.#guards.get(end)?.();
  }

  gone(end: MemoryConnection): void {
    this.admitted(end);
    this.#guards.delete(end);
    this.#ends.delete(end);
  }
}

const linkKey = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

const joins = ({ local, remote }: MemoryConnection, a: string, b: string): boolean =>
  linkKey(local.address, remote.address) === linkKey(a, b);
