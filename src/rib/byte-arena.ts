import { grownU32 } from './columns.ts';

const PAGE_BITS = 18;
const PAGE = 1 << PAGE_BITS;
/** Addresses count units of 8 octets. */
const UNIT_BITS = 3;
const FINE = 512;

/**
 * Memory for many small byte strings. What is freed is used again for a string of the same size
 * class (8 octets wide up to 512, a quarter of a power of two above), so that it does not rot under
 * churn and holds at most what its busiest moment needed.
 */
export class ByteArena {
  readonly #pages: Buffer[] = [];
  /** Freed addresses, a stack for each size class. */
  readonly #free: { stack: Uint32Array; count: number }[] = [];
  #used = PAGE;

  /** Octets reserved. */
  get capacity(): number {
    return this.#pages.length * PAGE;
  }

  /** Copies `bytes[start, end)` in and returns its address. At most 65,535 octets. */
  store(bytes: Uint8Array, start: number, end: number): number {
    const address = this.#take(end - start);
    const page = this.page(address);
    const shift = this.offset(address) - start;
    // Most blocks are so short that a loop is quicker than making a view for `set`.
    for (let at = start; at < end; at++) page[at + shift] = bytes[at] as number;
    return address;
  }

  release(address: number, length: number): void {
    const index = sizeClass(length);
    let free = this.#free[index];
    if (free === undefined) {
      free = { stack: new Uint32Array(16), count: 0 };
      this.#free[index] = free;
    }
    free.stack = grownU32(free.stack, free.count);
    free.stack[free.count++] = address;
  }

  /** The page that holds the string at `address`, from `offset(address)` on. */
  page(address: number): Buffer {
    return this.#pages[address >>> (PAGE_BITS - UNIT_BITS)] as Buffer;
  }

  offset(address: number): number {
    return (address << UNIT_BITS) & (PAGE - 1);
  }

  equals(address: number, bytes: Uint8Array, start: number, end: number): boolean {
    const page = this.page(address);
    const shift = this.offset(address) - start;
    for (let at = start; at < end; at++) if (page[at + shift] !== bytes[at]) return false;
    return true;
  }

  #take(length: number): number {
    const index = sizeClass(length);
    const free = this.#free[index];
    if (free !== undefined && free.count > 0) return free.stack[--free.count] as number;
    const size = classSize(index);
    if (this.#used + size > PAGE) {
      this.#pages.push(Buffer.allocUnsafeSlow(PAGE));
      this.#used = 0;
    }
    const at = (this.#pages.length - 1) * PAGE + this.#used;
    this.#used += size;
    return at / (1 << UNIT_BITS);
  }
}

/** Classes 1 to 64 are multiples of 8; then four for each power of two. */
function sizeClass(length: number): number {
  if (length <= FINE) return Math.max(1, (length + 7) >>> 3);
  const power = 31 - Math.clz32(length - 1);
  const quarter = (length - 1 - (1 << power)) >>> (power - 2);
  return FINE / 8 + 4 * (power - 9) + quarter + 1;
}

function classSize(index: number): number {
  if (index <= FINE / 8) return 8 * index;
  const above = index - FINE / 8 - 1;
  const power = 9 + (above >>> 2);
  return (1 << power) + ((above & 3) + 1) * (1 << (power - 2));
}
