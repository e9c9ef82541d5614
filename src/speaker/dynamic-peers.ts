import type { Peer } from './peer.ts';

/** The peers that came from a range of addresses, with that range. */
export class DynamicPeers {
  readonly #ranges = new Map<Peer, string>();
  readonly #counts = new Map<string, number>();

  get entries(): Iterable<readonly [Peer, string]> {
    return this.#ranges;
  }

  has(peer: Peer): boolean {
    return this.#ranges.has(peer);
  }

  /** How many came from a range and are still there. */
  countOf(range: string): number {
    return this.#counts.get(range) ?? 0;
  }

  add(peer: Peer, range: string): void {
    this.#ranges.set(peer, range);
    this.#counts.set(range, this.countOf(range) + 1);
  }

  /** Does nothing for a peer that did not come from a range. */
  delete(peer: Peer): void {
    const range = this.#ranges.get(peer);
    if (range === undefined) return;
    this.#ranges.delete(peer);
    const left = this.countOf(range) - 1;
    if (left === 0) this.#counts.delete(range);
    else this.#counts.set(range, left);
  }
}
