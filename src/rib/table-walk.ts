import type { PrefixSet } from './prefix-set.ts';
import type { PrefixTable } from './prefix-table.ts';

/** Prefixes handled between two looks at the clock. */
export const STRETCH = 256;

/** Laps through all ids of a table, a stretch at a time; one that begins anew goes on from where it is. */
export class TableWalk {
  readonly #prefixes: PrefixTable;
  #next = 1;
  #left = 0;

  constructor(prefixes: PrefixTable) {
    this.#prefixes = prefixes;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  begin(): void {
    this.#left = this.#prefixes.limit;
  }

  /** Adds the prefixes of the next stretch. */
  gather(pending: PrefixSet): void {
    const count = Math.min(STRETCH, this.#left);
    this.#left -= count;
    for (let i = 0; i < count; i++) {
      const id = this.#next++;
      if (this.#next >= this.#prefixes.limit) this.#next = 1;
      if (this.#prefixes.has(id)) pending.add(id);
    }
  }
}
