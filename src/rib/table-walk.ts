import type { PrefixSet } from './prefix-set.ts';

/** Prefixes or paths handled between two looks at the clock. */
export const STRETCH = 256;

/**
 * Laps through all ids of a table, a stretch at a time; one that begins anew goes on from where it
 * is. Ids that come later are not its concern.
 */
export class TableWalk {
  readonly #table: { readonly limit: number };
  #next = 1;
  /** Where the lap turns back to the first id, and how many ids it has still to visit. */
  #end = 1;
  #left = 0;

  /** `limit` is one more than the largest id. */
  constructor(table: { readonly limit: number }) {
    this.#table = table;
  }

  get done(): boolean {
    return this.#left === 0;
  }

  begin(): void {
    this.#end = this.#table.limit;
    this.#left = this.#end - 1;
  }

  /** Visits the ids of the next stretch, those not in use as well; true while some are left. */
  step(visit: (id: number) => void): boolean {
    const count = Math.min(STRETCH, this.#left);
    this.#left -= count;
    for (let i = 0; i < count; i++) {
      if (this.#next >= this.#end) this.#next = 1;
      visit(this.#next++);
    }
    return this.#left > 0;
  }

  /** Adds the prefixes of the next stretch. */
  gather(pending: PrefixSet): void {
    this.step((id) => pending.addKnown(id));
  }
}
