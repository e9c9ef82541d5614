import { type Family, maxLengthOf } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import { grownU8, grownU16, grownU32, IdPool, roomOf, staggered } from './columns.ts';
import { mix } from './hash.ts';
import { IdIndex } from './id-index.ts';
import type { NlriBatch } from './nlri-batch.ts';

const LEAST = 256;

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
  #pins: Uint32Array = new Uint32Array(staggered(LEAST, 11));
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
    return this.#find(this.#hash(w0, w1, w2, w3, length), w0, w1, w2, w3, length);
  }

  /** The id of a prefix, new if need be. A new id must get a row or a pin at once. */
  intern(w0: number, w1: number, w2: number, w3: number, length: number): number {
    const hash = this.#hash(w0, w1, w2, w3, length);
    const known = this.#find(hash, w0, w1, w2, w3, length);
    return known === 0 ? this.#add(hash, w0, w1, w2, w3, length) : known;
  }

  /** Prepares for `findAt` and `internAt`: each alone would wait for memory. */
  locate(batch: NlriBatch): void {
    const { count, word0, word1, word2, word3, lengths, hashes } = batch;
    for (let i = 0; i < count; i++) {
      hashes[i] = this.#hash(
        word0[i] as number,
        word1[i] as number,
        word2[i] as number,
        word3[i] as number,
        lengths[i] as number,
      );
    }
    if (count > 1) this.#index.prefetch(hashes, count);
  }

  /** As `find`, for a prefix of a batch that was located. */
  findAt({ hashes, word0, word1, word2, word3, lengths }: NlriBatch, index: number): number {
    return this.#find(
      hashes[index] as number,
      word0[index] as number,
      word1[index] as number,
      word2[index] as number,
      word3[index] as number,
      lengths[index] as number,
    );
  }

  /** As `intern`, for a prefix of a batch that was located. */
  internAt(batch: NlriBatch, index: number): number {
    const known = this.findAt(batch, index);
    if (known !== 0) return known;
    const { hashes, word0, word1, word2, word3, lengths } = batch;
    return this.#add(
      hashes[index] as number,
      word0[index] as number,
      word1[index] as number,
      word2[index] as number,
      word3[index] as number,
      lengths[index] as number,
    );
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
    return this.#index.probes(this.#hashOf(id), id);
  }

  #find(hash: number, w0: number, w1: number, w2: number, w3: number, length: number): number {
    for (let id = this.#index.first(hash); id !== 0; id = this.#index.again(hash)) {
      if (this.#is(id, w0, w1, w2, w3, length)) return id;
    }
    return 0;
  }

  #add(hash: number, w0: number, w1: number, w2: number, w3: number, length: number): number {
    const id = this.#ids.take();
    this.#grow(id);
    this.lengths[id] = length;
    this.word0[id] = w0;
    if (this.#wide) {
      this.word1[id] = w1;
      this.word2[id] = w2;
      this.word3[id] = w3;
    }
    this.heads[id] = 0;
    this.decisions[id] = 0;
    this.slots[id] = 0;
    this.#index.insert(hash, id);
    return id;
  }

  #free(id: number): void {
    this.#index.remove(this.#hashOf(id), id);
    this.#ids.release(id);
  }

  #hashOf(id: number): number {
    const w0 = this.word0[id] as number;
    const length = this.lengths[id] as number;
    if (!this.#wide) return this.#hash(w0, 0, 0, 0, length);
    const [w1, w2, w3] = [this.word1[id], this.word2[id], this.word3[id]];
    return this.#hash(w0, w1 as number, w2 as number, w3 as number, length);
  }

  #hash(w0: number, w1: number, w2: number, w3: number, length: number): number {
    let hash = mix(w0 ^ this.#seed);
    if (this.#wide) hash = mix(mix(mix(hash ^ w1) ^ w2) ^ w3);
    return mix(hash ^ length) >>> 0;
  }

  #is(id: number, w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    if (this.word0[id] !== w0 || this.lengths[id] !== length) return false;
    if (!this.#wide) return true;
    return this.word1[id] === w1 && this.word2[id] === w2 && this.word3[id] === w3;
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
