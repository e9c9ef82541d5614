import { TruncatedError } from './errors.ts';

/** A bounds-checked cursor over `bytes[start, end)`; every read advances it. */
export class Reader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  /** `start <= end <= bytes.length` is the caller's duty. */
  constructor(bytes: Buffer, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /** A copy of the next `size` octets. */
  bytes(size: number): Uint8Array {
    const at = this.#take(size);
    return Uint8Array.from(this.#bytes.subarray(at, at + size));
  }

  /** A copy of everything that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** A cursor of its own over the next `size` octets, which this one skips. */
  sub(size: number): Reader {
    const at = this.#take(size);
    return new Reader(this.#bytes, at, at + size);
  }

  #take(size: number): number {
    if (this.remaining < size) throw new TruncatedError(size, this.remaining);
    const at = this.#at;
    this.#at += size;
    return at;
  }
}
