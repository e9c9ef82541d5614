const LEAST = 8;
const EMPTY = new Uint32Array(2 * LEAST);

/**
 * An open-addressing index from 32-bit hashes to ids. Slots hold hash and id, so that a probe looks
 * at the caller's columns only where the whole hash agrees. It is cut into shards by the hash's top
 * bits: a shard that fills up is rebuilt by itself, and no insert rebuilds the whole table.
 */
export class IdIndex {
  readonly #shift: number;
  readonly #shards: Uint32Array[];
  readonly #counts: Uint32Array;
  #size = 0;
  #slots: Uint32Array = EMPTY;
  #at = 0;

  /** 2^`shardBits` shards. */
  constructor(shardBits: number) {
    this.#shift = 32 - shardBits;
    this.#shards = new Array<Uint32Array>(1 << shardBits).fill(EMPTY);
    this.#counts = new Uint32Array(1 << shardBits);
  }

  get size(): number {
    return this.#size;
  }

  /** The first id with this (unsigned) hash, or 0; `again` gives the others. */
  first(hash: number): number {
    this.#slots = this.#shards[hash >>> this.#shift] as Uint32Array;
    this.#at = hash & (this.#slots.length / 2 - 1);
    return this.#seek(hash);
  }

  /** The next id with the hash that `first` was asked for, or 0. */
  again(hash: number): number {
    this.#at = (this.#at + 1) & (this.#slots.length / 2 - 1);
    return this.#seek(hash);
  }

  insert(hash: number, id: number): void {
    const shard = hash >>> this.#shift;
    let slots = this.#shards[shard] as Uint32Array;
    const count = (this.#counts[shard] as number) + 1;
    if (slots === EMPTY || 10 * count > 3 * slots.length) {
      slots = rebuilt(slots, slots === EMPTY ? LEAST : slots.length);
      this.#shards[shard] = slots;
    }
    place(slots, hash, id);
    this.#counts[shard] = count;
    this.#size++;
  }

  /** Removes an id that was inserted with this hash. */
  remove(hash: number, id: number): void {
    const shard = hash >>> this.#shift;
    const slots = this.#shards[shard] as Uint32Array;
    const mask = slots.length / 2 - 1;
    let hole = hash & mask;
    while (slots[2 * hole + 1] !== id) hole = (hole + 1) & mask;
    // Later entries of the run move up where the hole lies on their way from home.
    for (let at = (hole + 1) & mask; slots[2 * at + 1] !== 0; at = (at + 1) & mask) {
      const home = (slots[2 * at] as number) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[2 * hole] = slots[2 * at] as number;
      slots[2 * hole + 1] = slots[2 * at + 1] as number;
      hole = at;
    }
    slots[2 * hole + 1] = 0;
    const count = (this.#counts[shard] as number) - 1;
    this.#counts[shard] = count;
    this.#size--;
    if (count === 0) this.#shards[shard] = EMPTY;
    else if (slots.length > 64 && 16 * count < slots.length) {
      this.#shards[shard] = rebuilt(slots, slots.length / 4);
    }
  }

  /** Slots that a look-up of this hash and id passes before it; for tests of the hash. */
  probes(hash: number, id: number): number {
    const slots = this.#shards[hash >>> this.#shift] as Uint32Array;
    const mask = slots.length / 2 - 1;
    let count = 0;
    while (slots[2 * ((hash + count) & mask) + 1] !== id) count++;
    return count;
  }

  #seek(hash: number): number {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    let at = this.#at;
    for (;;) {
      const id = slots[2 * at + 1] as number;
      if (id === 0 || slots[2 * at] === hash) {
        this.#at = at;
        return id;
      }
      at = (at + 1) & mask;
    }
  }
}

function rebuilt(slots: Uint32Array, capacity: number): Uint32Array {
  const next = new Uint32Array(2 * capacity);
  for (let at = 0; at < slots.length; at += 2) {
    const id = slots[at + 1] as number;
    if (id !== 0) place(next, slots[at] as number, id);
  }
  return next;
}

function place(slots: Uint32Array, hash: number, id: number): void {
  const mask = slots.length / 2 - 1;
  let at = hash & mask;
  while (slots[2 * at + 1] !== 0) at = (at + 1) & mask;
  slots[2 * at] = hash;
  slots[2 * at + 1] = id;
}
