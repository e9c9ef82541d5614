/*
 * Typed columns that share ids. Each column grows by itself when an id passes its end, and columns
 * of one table start with different capacities, so that no insert copies more than one or two.
 */

/** Capacity of the `index`-th column of a table that starts at about `least` entries. */
export const staggered = (least: number, index: number): number =>
  least + Math.ceil((least * (index % 16)) / 16);

export function grownU8(column: Uint8Array, id: number): Uint8Array {
  if (id < column.length) return column;
  const capacity = capacityFor(column.length, id);
  const place = placeFor(column, capacity);
  return place === undefined
    ? copied(column, new Uint8Array(capacity))
    : new Uint8Array(place, 0, capacity);
}

export function grownU16(column: Uint16Array, id: number): Uint16Array {
  if (id < column.length) return column;
  const capacity = capacityFor(column.length, id);
  const place = placeFor(column, 2 * capacity);
  return place === undefined
    ? copied(column, new Uint16Array(capacity))
    : new Uint16Array(place, 0, capacity);
}

export function grownU32(column: Uint32Array, id: number): Uint32Array {
  if (id < column.length) return column;
  const capacity = capacityFor(column.length, id);
  const place = placeFor(column, 4 * capacity);
  return place === undefined
    ? copied(column, new Uint32Array(capacity))
    : new Uint32Array(place, 0, capacity);
}

/** The first id that does not fit all columns: until then none of them needs a look. */
export function roomOf(...columns: readonly { readonly length: number }[]): number {
  return Math.min(...columns.map(({ length }) => length));
}

/** Doubling copies least; what is not used yet takes no memory, as its pages were never written. */
const capacityFor = (length: number, id: number): number => Math.max(id + 1, 2 * length + 16);

/** Octets from which a column has a place of its own. */
const LARGE = 256 * 1024;
/** Octets of address space for a large column; memory is taken as pages are written. */
const RESERVED = 2 ** 30;

/** `lib.es2024.sharedmemory`; every Node that we run on has it. */
interface GrowableBuffer extends SharedArrayBuffer {
  readonly growable: boolean;
  readonly maxByteLength: number;
  grow(octets: number): void;
}
type GrowableConstructor = new (
  octets: number,
  options: { readonly maxByteLength: number },
) => GrowableBuffer;
const Growable = SharedArrayBuffer as unknown as GrowableConstructor;

/**
 * Where a large column grows without being copied, and without a word to the garbage collector,
 * which would mark the whole heap for every few megabytes of outgrown columns. Undefined for a
 * column that is small, or larger than what can be reserved.
 */
function placeFor(column: Column, octets: number): GrowableBuffer | undefined {
  const { buffer } = column;
  if (buffer instanceof Growable && octets <= buffer.maxByteLength) {
    buffer.grow(octets);
    return buffer;
  }
  if (octets < LARGE || octets > RESERVED) return undefined;
  const place = reserve(octets);
  if (place === undefined) return undefined;
  new Uint8Array(place).set(new Uint8Array(buffer, column.byteOffset, column.byteLength));
  return place;
}

/** Undefined where the process may not have that much address space (`ulimit -v`). */
function reserve(octets: number): GrowableBuffer | undefined {
  try {
    return new Growable(octets, { maxByteLength: RESERVED });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array;

function copied<C extends Column>(from: C, to: C): C {
  to.set(from);
  return to;
}

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
