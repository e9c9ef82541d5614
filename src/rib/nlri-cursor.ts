import type { Family } from '../net/family.ts';
import { nlriEnd, readIpv4Word, readIpv6Word, readPathId } from '../wire/nlri.ts';

/** Walks the prefixes of a field that `scanUpdate` has checked; nothing is allocated on the way. */
export class NlriCursor {
  word0 = 0;
  word1 = 0;
  word2 = 0;
  word3 = 0;
  /** In bits. */
  length = 0;
  /** RFC 7911; 0 without add-path. */
  pathId = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;
  #wide = false;
  #addPath = false;

  begin(bytes: Buffer, start: number, end: number, family: Family, addPath: boolean): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#wide = family === 'ipv6-unicast';
    this.#addPath = addPath;
    this.pathId = this.word1 = this.word2 = this.word3 = 0;
  }

  /** Moves to the next prefix; false behind the last one. */
  next(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    if (at >= this.#end) return false;
    if (this.#addPath) {
      this.pathId = readPathId(bytes, at);
      at += 4;
    }
    this.length = bytes[at] as number;
    if (this.#wide) {
      this.word0 = readIpv6Word(bytes, at, 0);
      this.word1 = readIpv6Word(bytes, at, 1);
      this.word2 = readIpv6Word(bytes, at, 2);
      this.word3 = readIpv6Word(bytes, at, 3);
    } else {
      this.word0 = readIpv4Word(bytes, at);
    }
    this.#at = nlriEnd(bytes, at);
    return true;
  }
}
