import { grownU32 } from './columns.ts';
import type { PrefixTable } from './prefix-table.ts';

/** Room for two of the longest usual messages: a slab is full when another might not fit. */
const LEAST_SLAB = 8192;
const MOST_SLAB = 65536;

/** Who a chunk is for: everybody, those who are catching up with the table, or one member's id. */
export type Audience = 'all' | 'joiners' | number;

/** Chunks in a row with one audience: whoever does not belong to it passes them all in one step. */
export interface Run {
  /** Index behind the last of them in the slab. */
  end: number;
}

/** Whole messages in a row that are for the same readers. */
export interface Chunk {
  readonly start: number;
  end: number;
  messages: number;
  readonly audience: Audience;
  /** Source ids of the members that must not get it. */
  readonly except: readonly number[];
  readonly run: Run;
}

/** Some octets of a slab as one buffer. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** A large buffer of messages, shared by all who read it. */
export interface Slab {
  readonly bytes: Buffer;
  used: number;
  readonly chunks: Chunk[];
  /** The piece that was read last: members read the same ones, one after the other. */
  piece: Piece | undefined;
  /** Prefixes that the slab speaks of, pinned while it is kept. */
  prefixes: Uint32Array;
  prefixCount: number;
}

/** An append-only sequence of slabs, numbered from 0, of which the oldest are dropped. */
export class Journal {
  readonly #prefixes: PrefixTable;
  readonly #slabs: Slab[] = [];
  /** Read by everybody, with prefixes still pinned. */
  readonly #dropped: Slab[] = [];
  /** Room for the prefixes of the next slab, given back by one that was dropped. */
  #spare: Uint32Array | undefined;
  #first = 0;
  /** The last chunk may have been read: what comes next begins another. */
  #sealed = true;

  constructor(prefixes: PrefixTable) {
    this.#prefixes = prefixes;
  }

  /** Number of the slab that is being written; the next one if there is none. */
  get last(): number {
    return Math.max(this.#first, this.#first + this.#slabs.length - 1);
  }

  /** Octets of the slabs that are kept. */
  get bytes(): number {
    return this.#slabs.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** True when no prefix is pinned. */
  get isSettled(): boolean {
    return this.#dropped.length === 0 && (this.#slabs.at(-1)?.prefixCount ?? 0) === 0;
  }

  get first(): number {
    return this.#first;
  }

  slab(number: number): Slab | undefined {
    return this.#slabs[number - this.#first];
  }

  /** The slab in which a message of at most `size` octets can be written at `used`. */
  open(size: number): Slab {
    const current = this.#slabs.at(-1);
    if (current !== undefined && current.bytes.length - current.used >= size) return current;
    const wanted = Math.min(MOST_SLAB, 2 * (current?.bytes.length ?? LEAST_SLAB / 2));
    const slab: Slab = {
      bytes: Buffer.allocUnsafeSlow(Math.max(wanted, size)),
      used: 0,
      chunks: [],
      piece: undefined,
      prefixes: this.#spare ?? new Uint32Array(Math.max(16, current?.prefixCount ?? 0)),
      prefixCount: 0,
    };
    this.#spare = undefined;
    this.#slabs.push(slab);
    this.#sealed = true;
    return slab;
  }

  /** Notes that the message being written in the slab speaks of a prefix. */
  mention(slab: Slab, prefix: number): void {
    if (slab.prefixCount >= slab.prefixes.length) {
      slab.prefixes = grownU32(slab.prefixes, slab.prefixCount);
    }
    slab.prefixes[slab.prefixCount++] = prefix;
    this.#prefixes.pin(prefix);
  }

  /** Ends the message that was written in the slab up to `end`. */
  append(slab: Slab, end: number, audience: Audience, except: readonly number[]): void {
    const chunk = slab.chunks.at(-1);
    if (!this.#sealed && chunk !== undefined && chunk.audience === audience) {
      if (sameMembers(chunk.except, except)) {
        chunk.end = end;
        chunk.messages++;
        slab.used = end;
        return;
      }
    }
    const run = chunk?.audience === audience ? chunk.run : { end: 0 };
    slab.chunks.push({ start: slab.used, end, messages: 1, audience, except, run });
    run.end = slab.chunks.length;
    slab.used = end;
    this.#sealed = false;
  }

  /** What was appended so far may be read. */
  seal(): void {
    this.#sealed = true;
  }

  /** Drops the slabs before `number`, as everybody has read them; `unpin` lets go of their prefixes. */
  trim(number: number): void {
    while (this.#first < number && this.#slabs.length > 0) {
      const slab = this.#slabs.shift();
      if (slab !== undefined) this.#dropped.push(slab);
      this.#first++;
    }
  }

  /**
   * Lets go of prefixes of dropped slabs and, with `settled`, of the one that is being written, as
   * everybody has read everything: of `most` at most. True while some are left.
   */
  unpin(most: number, settled: boolean): boolean {
    let left = most;
    for (let slab = this.#dropped.at(-1); slab !== undefined; slab = this.#dropped.at(-1)) {
      left = this.#unpin(slab, left);
      if (slab.prefixCount > 0) return true;
      this.#dropped.pop();
      this.#spare = slab.prefixes;
    }
    const slab = settled ? this.#slabs.at(-1) : undefined;
    if (slab === undefined) return false;
    this.#unpin(slab, left);
    return slab.prefixCount > 0;
  }

  /** Drops everything and lets go of it at once. */
  clear(): void {
    this.trim(this.last + 1);
    this.unpin(Number.POSITIVE_INFINITY, false);
  }

  /** Returns what is left of `most`. */
  #unpin(slab: Slab, most: number): number {
    const least = Math.max(0, slab.prefixCount - most);
    const count = slab.prefixCount - least;
    this.#prefixes.unpinAll(slab.prefixes, least, slab.prefixCount);
    slab.prefixCount = least;
    return most - count;
  }
}

/** The octets of a slab from `start` to `end`, as a buffer that all who read them share. */
export function pieceOf(slab: Slab, start: number, end: number): Buffer {
  const { piece } = slab;
  if (piece !== undefined && piece.start === start && piece.end === end) return piece.bytes;
  const bytes = slab.bytes.subarray(start, end);
  slab.piece = { start, end, bytes };
  return bytes;
}

function sameMembers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
