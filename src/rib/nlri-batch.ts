import type { Family } from '../net/family.ts';
import { nlriEnd, readIpv4Word, readIpv6Word, readPathId } from '../wire/nlri.ts';

/** Prefixes at a time: as many as the nearest caches hold. */
const MOST = 128;

/**
 * Walks the prefixes of a field that `scanUpdate` has checked, a batch at a time, so that what is
 * to be done with each can begin for all of them. Nothing is allocated on the way.
 */
export class NlriBatch {
  /** Prefixes in the batch; they have the indices below it. */
  count = 0;
  /** First 32 bits of each address, and the others, which are 0 for IPv4. */
  readonly word0: Uint32Array = new Uint32Array(MOST);
  readonly word1: Uint32Array = new Uint32Array(MOST);
  readonly word2: Uint32Array = new Uint32Array(MOST);
  readonly word3: Uint32Array = new Uint32Array(MOST);
  /** In bits. */
  readonly lengths: Uint8Array = new Uint8Array(MOST);
  /** RFC 7911; 0 without add-path. */
  readonly pathIds: Uint32Array = new Uint32Array(MOST);
  /** Room for the hash of each (`PrefixTable.locate`). */
  readonly hashes: Int32Array = new Int32Array(MOST);
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #wide = false;
  #addPath = false;

  begin(bytes: Buffer, start: number, end: number, family: Family, addPath: boolean): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const wide = family === 'ipv6-unicast';
    if (this.#addPath && !addPath) this.pathIds.fill(0);
    if (this.#wide && !wide)
      for (const words of [this.word1, this.word2, this.word3]) words.fill(0);
    this.#wide = wide;
    this.#addPath = addPath;
  }

  /** Reads the next prefixes; false behind the last one. */
  next(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let count = 0;
    for (; at < end && count < MOST; count++) {
      if (this.#addPath) {
        this.pathIds[count] = readPathId(bytes, at);
        at += 4;
      }
      this.lengths[count] = bytes[at] as number;
      if (this.#wide) this.#readWide(bytes, at, count);
      else this.word0[count] = readIpv4Word(bytes, at);
      at = nlriEnd(bytes, at);
    }
    this.#at = at;
    this.count = count;
    return count > 0;
  }

  #readWide(bytes: Buffer, at: number, index: number): void {
    this.word0[index] = readIpv6Word(bytes, at, 0);
    this.word1[index] = readIpv6Word(bytes, at, 1);
    this.word2[index] = readIpv6Word(bytes, at, 2);
    this.word3[index] = readIpv6Word(bytes, at, 3);
  }
}
