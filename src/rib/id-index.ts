import { grownU8, grownU32 } from './columns.ts';

/** Slots of the first block as long as that is enough, and of every block from then on. */
const LEAST = 16;
const BLOCK_BITS = 12;
const BLOCK = 1 << BLOCK_BITS;
/** Bits of the hash that choose a block at most; the low ones choose a slot in it. */
const MOST_DEPTH = 32 - BLOCK_BITS;

/** Where a block's slots are while they are shared out. */
const scratch = new Uint32Array(2 * BLOCK);

/**
 * An open-addressing index from 32-bit hashes to ids. Slots hold hash and id, so that a probe looks
 * at the caller's columns only where the whole hash agrees. A block of slots that fills up is split
 * in two by one more of its top bits (extendible hashing): no insert rebuilds the whole table, and
 * no memory is given up.
 */
export class IdIndex {
  /** Hash and id by slot, one block behind the other. */
  #slots: Uint32Array = new Uint32Array(2 * LEAST);
  /** One less than the slots of a block. */
  #mask = LEAST - 1;
  /** By block: ids in it, and the top bits of the hash that they share. */
  #counts: Uint32Array = new Uint32Array(1);
  #depths: Uint8Array = new Uint8Array(1);
  #blocks = 1;
  /** The block of a hash, by its top bits, of which there are `32 - #shift`. */
  #directory: Uint32Array = new Uint32Array(2);
  #shift = 31;
  #size = 0;
  /** First slot of the block that is searched, and the place in it. */
  #base = 0;
  #at = 0;

  get size(): number {
    return this.#size;
  }

  /** The first id with this hash (with a sign, as `mix` gives it), or 0; `again` gives the others. */
  first(hash: number): number {
    this.#base = this.#blockOf(hash) << BLOCK_BITS;
    this.#at = hash & this.#mask;
    return this.#seek(hash);
  }

  /** The next id with the hash that `first` was asked for, or 0. */
  again(hash: number): number {
    this.#at = (this.#at + 1) & this.#mask;
    return this.#seek(hash);
  }

  /** Reads where the search for each hash begins: what must come from memory comes at once. */
  prefetch(hashes: Int32Array, count: number): void {
    const slots = this.#slots;
    let read = 0;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      read ^= slots[2 * ((this.#blockOf(hash) << BLOCK_BITS) | (hash & this.#mask))] as number;
    }
    // It means nothing, but reads without use would be left out.
    this.#at = read;
  }

  /** Throws a RangeError when thousands of hashes have their first 20 bits in common. */
  insert(hash: number, id: number): void {
    while (10 * (this.#counts[this.#blockOf(hash)] as number) >= 6 * (this.#mask + 1)) {
      if (this.#mask + 1 < BLOCK) this.#enlarge();
      else this.#split(hash);
    }
    const block = this.#blockOf(hash);
    this.#place(block << BLOCK_BITS, hash, id);
    this.#counts[block] = (this.#counts[block] as number) + 1;
    this.#size++;
  }

  /** Removes an id that was inserted with this hash; throws a RangeError when it was not. */
  remove(hash: number, id: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    const block = this.#blockOf(hash);
    const base = block << BLOCK_BITS;
    let hole = hash & mask;
    while (slots[2 * (base + hole) + 1] !== id) {
      if (slots[2 * (base + hole) + 1] === 0) throw new RangeError(`${id} is not in the index`);
      hole = (hole + 1) & mask;
    }
    // Later entries of the run move up where the hole lies on their way from home.
    for (let at = (hole + 1) & mask; slots[2 * (base + at) + 1] !== 0; at = (at + 1) & mask) {
      const home = (slots[2 * (base + at)] as number) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[2 * (base + hole)] = slots[2 * (base + at)] as number;
      slots[2 * (base + hole) + 1] = slots[2 * (base + at) + 1] as number;
      hole = at;
    }
    slots[2 * (base + hole) + 1] = 0;
    this.#counts[block] = (this.#counts[block] as number) - 1;
    this.#size--;
  }

  /** Slots that a look-up of this hash and id passes before it; for tests of the hash. */
  probes(hash: number, id: number): number {
    const base = this.#blockOf(hash) << BLOCK_BITS;
    let count = 0;
    while (this.#slots[2 * (base + ((hash + count) & this.#mask)) + 1] !== id) count++;
    return count;
  }

  #blockOf(hash: number): number {
    return this.#directory[hash >>> this.#shift] as number;
  }

  #seek(hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const base = this.#base;
    let at = this.#at;
    for (;;) {
      const id = slots[2 * (base + at) + 1] as number;
      if (id === 0 || ((slots[2 * (base + at)] as number) | 0) === hash) {
        this.#at = at;
        return id;
      }
      at = (at + 1) & mask;
    }
  }

  #place(base: number, hash: number, id: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let at = hash & mask;
    while (slots[2 * (base + at) + 1] !== 0) at = (at + 1) & mask;
    slots[2 * (base + at)] = hash;
    slots[2 * (base + at) + 1] = id;
  }

  /** Twice the slots for the only block. */
  #enlarge(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    this.#mask = before.length - 1;
    for (let at = 0; at < before.length; at += 2) {
      const id = before[at + 1] as number;
      if (id !== 0) this.#place(0, before[at] as number, id);
    }
  }

  /** Moves what the next bit of the hash sets apart out of a hash's block into a new one. */
  #split(hash: number): void {
    const block = this.#blockOf(hash);
    const depth = (this.#depths[block] as number) + 1;
    if (depth > MOST_DEPTH) throw new RangeError('too many hashes begin with the same bits');
    if (depth > 32 - this.#shift) this.#widen();
    const added = this.#add(depth);
    this.#depths[block] = depth;
    const entries = 1 << (32 - this.#shift - depth);
    const end = ((hash >>> (32 - depth)) | 1) + 1;
    this.#directory.fill(added, end * entries - entries, end * entries);
    this.#share(block, added, 32 - depth);
  }

  /** Puts the slots of a block into itself and another, by a bit of their hash. */
  #share(block: number, other: number, bit: number): void {
    const start = block << (BLOCK_BITS + 1);
    scratch.set(this.#slots.subarray(start, start + 2 * BLOCK));
    this.#slots.fill(0, start, start + 2 * BLOCK);
    let moved = 0;
    for (let at = 0; at < 2 * BLOCK; at += 2) {
      const id = scratch[at + 1] as number;
      if (id === 0) continue;
      const hash = scratch[at] as number;
      const isMoved = (hash >>> bit) & 1;
      moved += isMoved;
      this.#place((isMoved === 1 ? other : block) << BLOCK_BITS, hash, id);
    }
    this.#counts[block] = (this.#counts[block] as number) - moved;
    this.#counts[other] = moved;
  }

  /** A new block without ids. */
  #add(depth: number): number {
    const block = this.#blocks++;
    this.#slots = grownU32(this.#slots, (this.#blocks << (BLOCK_BITS + 1)) - 1);
    this.#counts = grownU32(this.#counts, block);
    this.#depths = grownU8(this.#depths, block);
    this.#depths[block] = depth;
    return block;
  }

  /** Chooses blocks by one more bit. */
  #widen(): void {
    const before = this.#directory;
    this.#directory = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at++) {
      this.#directory[2 * at] = this.#directory[2 * at + 1] = before[at] as number;
    }
    this.#shift--;
  }
}
