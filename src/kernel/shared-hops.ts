import type { NextHop } from './kernel.ts';

/** Different next hops remembered. */
const MOST = 4096;

/** One list for all routes over the same single next hop: thousands have the same few. */
export class SharedHops {
  readonly #known = new Map<string, readonly NextHop[]>();

  /** An equal list that others have as well, or this one. */
  take(nextHops: readonly NextHop[]): readonly NextHop[] {
    const [hop] = nextHops;
    if (hop === undefined || nextHops.length > 1) return nextHops;
    const key = `${hop.gateway} ${hop.interface} ${hop.onlink} ${hop.weight}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size === MOST) this.#known.clear();
    this.#known.set(key, nextHops);
    return nextHops;
  }
}
