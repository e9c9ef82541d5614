import { grownU32 } from './columns.ts';
import type { PrefixTable } from './prefix-table.ts';

/**
 * A set of prefix ids that someone has to look at, one bit each with two levels of summary above.
 * Members are taken in the order of their ids, round and round, so that none waits for ever and
 * prefixes that arrived together are handled together. A member is pinned until it is done with.
 */
export class PrefixSet {
  readonly #prefixes: PrefixTable;
  #bits: Uint32Array = new Uint32Array(32);
  #words: Uint32Array = new Uint32Array(1);
  #blocks: Uint32Array = new Uint32Array(1);
  #size = 0;
  #cursor = 0;

  constructor(prefixes: PrefixTable) {
    this.#prefixes = prefixes;
  }

  get size(): number {
    return this.#size;
  }

  has(id: number): boolean {
    return (((this.#bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }

  add(id: number): void {
    const word = id >>> 5;
    if (word >= this.#bits.length) this.#grow(word);
    const bits = this.#bits[word] as number;
    const bit = 1 << (id & 31);
    if ((bits & bit) !== 0) return;
    this.#bits[word] = bits | bit;
    if (bits === 0) {
      set(this.#words, word);
      set(this.#blocks, word >>> 5);
    }
    this.#size++;
    this.#prefixes.pin(id);
  }

  /** Adds an id if it stands for a prefix. */
  addKnown(id: number): void {
    if (this.#prefixes.has(id)) this.add(id);
  }

  /** Takes a member out, or returns 0. The caller unpins it when it is done. */
  take(): number {
    if (this.#size === 0) return 0;
    let id = this.from(this.#cursor);
    if (id < 0) id = this.from(0);
    this.#clear(id);
    this.#cursor = id + 1;
    return id;
  }

  /** Takes everything out and unpins it. */
  clear(): void {
    for (let id = this.take(); id !== 0; id = this.take()) this.#prefixes.unpin(id);
  }

  /** Takes out and unpins `most` members at most; true while some are left. */
  drop(most: number): boolean {
    for (let count = 0; count < most && this.#size > 0; count++) {
      this.#prefixes.unpin(this.take());
    }
    return this.#size > 0;
  }

  /** The smallest member that is not less than `id`, or -1. */
  from(id: number): number {
    let word = id >>> 5;
    if (word >= this.#bits.length) return -1;
    const rest = (this.#bits[word] as number) & (-1 << (id & 31));
    if (rest !== 0) return (word << 5) | lowest(rest);
    word = following(this.#words, this.#blocks, word + 1);
    return word < 0 ? -1 : (word << 5) | lowest(this.#bits[word] as number);
  }

  #clear(id: number): void {
    const word = id >>> 5;
    const bits = (this.#bits[word] as number) & ~(1 << (id & 31));
    this.#bits[word] = bits;
    this.#size--;
    if (bits !== 0) return;
    unset(this.#words, word);
    if (this.#words[word >>> 5] === 0) unset(this.#blocks, word >>> 5);
  }

  #grow(word: number): void {
    this.#bits = grownU32(this.#bits, word);
    this.#words = grownU32(this.#words, this.#bits.length >>> 5);
    this.#blocks = grownU32(this.#blocks, this.#words.length >>> 5);
  }
}

/** The first non-zero word at or behind `word`, by the two summaries; -1 if there is none. */
function following(words: Uint32Array, blocks: Uint32Array, word: number): number {
  let block = word >>> 5;
  if (block >= words.length) return -1;
  const rest = (words[block] as number) & (-1 << (word & 31));
  if (rest !== 0) return (block << 5) | lowest(rest);
  block++;
  for (let at = block >>> 5; at < blocks.length; at++) {
    const first = at === block >>> 5 ? -1 << (block & 31) : -1;
    const bits = (blocks[at] as number) & first;
    if (bits === 0) continue;
    const found = (at << 5) | lowest(bits);
    return (found << 5) | lowest(words[found] as number);
  }
  return -1;
}

const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

function set(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) | (1 << (index & 31));
}

function unset(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] as number) & ~(1 << (index & 31));
}
