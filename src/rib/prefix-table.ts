import { type Family, maxLengthOf } from '../net/family.ts';
import { mix } from '../net/mix.ts';
import type { Prefix } from '../net/prefix.ts';
import { grownU8, grownU16, grownU32, IdPool, roomOf, staggered } from './columns.ts';
import { IdIndex } from './id-index.ts';
import { NlriBatch } from './nlri-batch.ts';

const LEAST = 256;
/** Prefixes freed together: as many as the nearest caches hold. */
const TOGETHER = 128;

type PrefixColumns = Pick<PrefixTable, 'word0' | 'word1' | 'word2' | 'word3' | 'lengths'>;

/**
 * The prefixes of one family as dense ids, with a column for each thing that the RIB knows of a
 * prefix. An id lives as long as it has rows or pins (someone still has to look at it).
 */
export class PrefixTable {
  readonly family: Family;
  /** First path row, the best one once the prefix is decided; 0 is none. */
  heads: Uint32Array = new Uint32Array(staggered(LEAST, 1));
  /** Reason code of the decision; 0 while there is no best path. */
  decisions: Uint8Array = new Uint8Array(staggered(LEAST, 3));
  /** Largest path slot that a row of the prefix ever had. */
  slots: Uint16Array = new Uint16Array(staggered(LEAST, 5));
  /** Prefix length in bits. */
  lengths: Uint8Array = new Uint8Array(staggered(LEAST, 7));
  /** First 32 bits of the address, and the others, which IPv4 does not have. */
  word0: Uint32Array = new Uint32Array(staggered(LEAST, 9));
  word1: Uint32Array = new Uint32Array(0);
  word2: Uint32Array = new Uint32Array(0);
  word3: Uint32Array = new Uint32Array(0);
  readonly #wide: boolean;
  readonly #seed: number;
  readonly #ids = new IdPool();
  readonly #index = new IdIndex();
  /** For look-ups of one prefix alone. */
  readonly #one = new NlriBatch();
  #pins: Uint32Array = new Uint32Array(staggered(LEAST, 11));
  /** Prefixes that `unpinAll` frees, with their hashes. */
  readonly #loose: Uint32Array = new Uint32Array(TOGETHER);
  readonly #looseHashes: Int32Array = new Int32Array(TOGETHER);
  #room = 0;

  constructor(family: Family, seed: number) {
    this.family = family;
    this.#wide = family === 'ipv6-unicast';
    this.#seed = seed;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** One more than the largest id ever in use. */
  get limit(): number {
    return this.#ids.limit;
  }

  /** The id of a prefix, or 0; the words of IPv4 are `word, 0, 0, 0`. */
  find(w0: number, w1: number, w2: number, w3: number, length: number): number {
    return this.findAt(this.#located(w0, w1, w2, w3, length), 0);
  }

  /** The id of a prefix, new if need be. A new id must get a row or a pin at once. */
  intern(w0: number, w1: number, w2: number, w3: number, length: number): number {
    return this.internAt(this.#located(w0, w1, w2, w3, length), 0);
  }

  /** Prepares for `findAt` and `internAt`: each alone would wait for memory. */
  locate(batch: NlriBatch): void {
    const { count, hashes } = batch;
    for (let i = 0; i < count; i++) hashes[i] = this.#hash(batch, i);
    if (count > 1) this.#index.prefetch(hashes, count);
  }

  /** As `find`, for a prefix of a batch that was located. */
  findAt(batch: NlriBatch, at: number): number {
    const hash = batch.hashes[at] as number;
    for (let id = this.#index.first(hash); id !== 0; id = this.#index.again(hash)) {
      if (this.#is(id, batch, at)) return id;
    }
    return 0;
  }

  /** As `intern`, for a prefix of a batch that was located. */
  internAt(batch: NlriBatch, at: number): number {
    const known = this.findAt(batch, at);
    return known === 0 ? this.#add(batch, at) : known;
  }

  pin(id: number): void {
    this.#pins[id] = (this.#pins[id] as number) + 1;
  }

  /** Takes a pin away; the prefix goes with the last one if it has no rows. */
  unpin(id: number): void {
    const left = (this.#pins[id] as number) - 1;
    this.#pins[id] = left;
    if (left === 0 && this.heads[id] === 0) this.#free(id);
  }

  /** As `unpin` for each of `ids[start, end)`, without waiting for memory at each one that goes. */
  unpinAll(ids: Uint32Array, start: number, end: number): void {
    for (let at = start; at < end; at += TOGETHER) {
      this.#freeLoose(this.#loosen(ids, at, Math.min(end, at + TOGETHER)));
    }
  }

  /** Takes pins away, and returns how many prefixes are to be freed. */
  #loosen(ids: Uint32Array, start: number, end: number): number {
    let count = 0;
    for (let at = start; at < end; at++) {
      const id = ids[at] as number;
      const left = (this.#pins[id] as number) - 1;
      this.#pins[id] = left;
      if (left !== 0 || this.heads[id] !== 0) continue;
      this.#loose[count] = id;
      this.#looseHashes[count++] = this.#hash(this, id);
    }
    return count;
  }

  #freeLoose(count: number): void {
    if (count === 0) return;
    this.#index.prefetch(this.#looseHashes, count);
    for (let i = 0; i < count; i++) {
      const id = this.#loose[i] as number;
      this.#index.remove(this.#looseHashes[i] as number, id);
      this.#ids.release(id);
    }
  }

  /** The prefix as an object, for people. */
  prefix(id: number): Prefix {
    const address = new Uint8Array(maxLengthOf(this.family) >>> 3);
    const view = new DataView(address.buffer);
    view.setUint32(0, this.word0[id] as number);
    if (this.#wide) {
      view.setUint32(4, this.word1[id] as number);
      view.setUint32(8, this.word2[id] as number);
      view.setUint32(12, this.word3[id] as number);
    }
    return { address, length: this.lengths[id] as number };
  }

  /** True when the id stands for a prefix. */
  has(id: number): boolean {
    return this.heads[id] !== 0 || (this.#pins[id] as number) > 0;
  }

  /** Slots that a look-up of this id passes; for tests of the hash. */
  probes(id: number): number {
    return this.#index.probes(this.#hash(this, id), id);
  }

  #located(w0: number, w1: number, w2: number, w3: number, length: number): NlriBatch {
    const one = this.#one;
    one.count = 1;
    one.word0[0] = w0;
    one.word1[0] = w1;
    one.word2[0] = w2;
    one.word3[0] = w3;
    one.lengths[0] = length;
    this.locate(one);
    return one;
  }

  #add({ hashes, word0, word1, word2, word3, lengths }: NlriBatch, at: number): number {
    const id = this.#ids.take();
    this.#grow(id);
    this.lengths[id] = lengths[at] as number;
    this.word0[id] = word0[at] as number;
    if (this.#wide) {
      this.word1[id] = word1[at] as number;
      this.word2[id] = word2[at] as number;
      this.word3[id] = word3[at] as number;
    }
    this.heads[id] = 0;
    this.decisions[id] = 0;
    this.slots[id] = 0;
    this.#index.insert(hashes[at] as number, id);
    return id;
  }

  #free(id: number): void {
    this.#index.remove(this.#hash(this, id), id);
    this.#ids.release(id);
  }

  /** Numbers of 32 bits with a sign do without memory of their own, the others do not. */
  #hash({ word0, word1, word2, word3, lengths }: PrefixColumns, at: number): number {
    let hash = mix((word0[at] as number) ^ this.#seed);
    if (this.#wide) {
      hash = mix(hash ^ (word1[at] as number));
      hash = mix(hash ^ (word2[at] as number));
      hash = mix(hash ^ (word3[at] as number));
    }
    return mix(hash ^ (lengths[at] as number));
  }

  #is(id: number, { word0, word1, word2, word3, lengths }: NlriBatch, at: number): boolean {
    if (this.word0[id] !== word0[at] || this.lengths[id] !== lengths[at]) return false;
    if (!this.#wide) return true;
    if (this.word1[id] !== word1[at] || this.word2[id] !== word2[at]) return false;
    return this.word3[id] === word3[at];
  }

  #grow(id: number): void {
    if (id < this.#room) return;
    this.heads = grownU32(this.heads, id);
    this.decisions = grownU8(this.decisions, id);
    this.slots = grownU16(this.slots, id);
    this.lengths = grownU8(this.lengths, id);
    this.word0 = grownU32(this.word0, id);
    this.#pins = grownU32(this.#pins, id);
    const { heads, decisions, slots, lengths, word0 } = this;
    this.#room = roomOf(heads, decisions, slots, lengths, word0, this.#pins);
    if (!this.#wide) return;
    this.word1 = grownU32(this.word1, id);
    this.word2 = grownU32(this.word2, id);
    this.word3 = grownU32(this.word3, id);
    this.#room = Math.min(this.#room, roomOf(this.word1, this.word2, this.word3));
  }
}

/** The 32-bit words of an address, the missing ones 0. */
export function addressWords(address: Uint8Array): readonly [number, number, number, number] {
  const word = (index: number): number =>
    address.length < 4 * index + 4
      ? 0
      : new DataView(address.buffer, address.byteOffset).getUint32(4 * index);
  return [word(0), word(1), word(2), word(3)];
}
