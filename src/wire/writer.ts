/** Appends octets in network order to a buffer that grows. */
export class Writer {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Begins with what was written; what is appended may move it to another buffer. */
  get buffer(): Buffer {
    return this.#bytes;
  }

  /** Begins anew in the same buffer. */
  clear(): void {
    this.#length = 0;
  }

  /** Appends octets that the caller fills in; returns where they begin. */
  reserve(size: number): number {
    return this.#grow(size);
  }

  /** Takes back what was appended beyond `length`. */
  cut(length: number): void {
    this.#length = length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value);
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  /** Overwrites two octets written before. */
  patchU16(at: number, value: number): void {
    this.#bytes.writeUInt16BE(value, at);
  }

  /** A copy of what was written. */
  done(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length));
  }

  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }
}
