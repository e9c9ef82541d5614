import type { Libc } from './libc.ts';

const MSG_TRUNC = 0x20;

/** struct iovec, and struct mmsghdr: what of it is read or written here. */
const VECTOR = 16;
const HEADER = 64;
const VECTORS_AT = 16;
const VECTOR_COUNT_AT = 24;
const FLAGS_AT = 48;
const LENGTH_AT = 56;

/** Room for several datagrams, which one system call fills: recvmmsg(2). */
export class DatagramBatch {
  /** Datagram `index` begins at `start(index)`. */
  readonly bytes: Buffer;
  readonly #libc: Libc;
  readonly #count: number;
  readonly #size: number;
  readonly #headers: Buffer;
  /** The headers point to them. */
  readonly #vectors: Buffer;

  /** For `count` datagrams of up to `size` octets. */
  constructor(c: Libc, count: number, size: number) {
    this.#libc = c;
    this.#count = count;
    this.#size = size;
    this.bytes = Buffer.allocUnsafeSlow(count * size);
    this.#headers = Buffer.alloc(count * HEADER);
    this.#vectors = Buffer.alloc(count * VECTOR);
    const bytesAt = c.addressOf(this.bytes);
    const vectorsAt = c.addressOf(this.#vectors);
    for (let index = 0; index < count; index++) {
      const vector = index * VECTOR;
      this.#vectors.writeBigUInt64LE(bytesAt + BigInt(index * size), vector);
      this.#vectors.writeBigUInt64LE(BigInt(size), vector + 8);
      const header = index * HEADER;
      this.#headers.writeBigUInt64LE(vectorsAt + BigInt(vector), header + VECTORS_AT);
      this.#headers.writeBigUInt64LE(1n, header + VECTOR_COUNT_AT);
    }
  }

  /** Receives what waits, without blocking; how many datagrams came. Throws a `LinuxError`. */
  receive(fd: number): number {
    return this.#libc.receive(fd, this.#headers, this.#count);
  }

  start(index: number): number {
    return index * this.#size;
  }

  end(index: number): number {
    return index * this.#size + this.#headers.readUInt32LE(index * HEADER + LENGTH_AT);
  }

  /** True when the datagram was longer than its room. */
  isCut(index: number): boolean {
    return (this.#headers.readUInt32LE(index * HEADER + FLAGS_AT) & MSG_TRUNC) !== 0;
  }
}
