/*
 * Typed columns that share ids. Each column grows by itself when an id passes its end, and columns
 * of one table start with different capacities, so that no insert copies more than one or two.
 */

/** Capacity of the `index`-th column of a table that starts at about `least` entries. */
export const staggered = (least: number, index: number): number =>
  least + Math.ceil((least * (index % 16)) / 16);

export function grownU8(column: Uint8Array, id: number): Uint8Array {
  if (id < column.length) return column;
  const grown = new Uint8Array(capacityFor(column.length, id));
  grown.set(column);
  return grown;
}

export function grownU16(column: Uint16Array, id: number): Uint16Array {
  if (id < column.length) return column;
  const grown = new Uint16Array(capacityFor(column.length, id));
  grown.set(column);
  return grown;
}

export function grownU32(column: Uint32Array, id: number): Uint32Array {
  if (id < column.length) return column;
  const grown = new Uint32Array(capacityFor(column.length, id));
  grown.set(column);
  return grown;
}

/** The first id that does not fit all columns: until then none of them needs a look. */
export function roomOf(...columns: readonly { readonly length: number }[]): number {
  return Math.min(...columns.map(({ length }) => length));
}

/** Doubling copies least; what is not used yet takes no memory, as its pages were never written. */
const capacityFor = (length: number, id: number): number => Math.max(id + 1, 2 * length + 16);

/** Hands out ids from 1, the last freed first. */
export class IdPool {
  #free: Uint32Array = new Uint32Array(16);
  #freed = 0;
  #next = 1;

  /** Ids in use. */
  get size(): number {
    return this.#next - 1 - this.#freed;
  }

  /** One more than the largest id ever handed out. */
  get limit(): number {
    return this.#next;
  }

  /** A pool that hands out the same ids as this one would. */
  copy(): IdPool {
    const pool = new IdPool();
    pool.#free = this.#free.slice();
    pool.#freed = this.#freed;
    pool.#next = this.#next;
    return pool;
  }

  take(): number {
    return this.#freed > 0 ? (this.#free[--this.#freed] as number) : this.#next++;
  }

  release(id: number): void {
    this.#free = grownU32(this.#free, this.#freed);
    this.#free[this.#freed++] = id;
  }
}
