import { grownU8, grownU16, grownU32, IdPool, roomOf, staggered } from './columns.ts';
import type { PrefixTable } from './prefix-table.ts';
import type { SourcePaths } from './source.ts';

const LEAST = 256;

/** Kept for long-lived graceful restart (RFC 9494): used only when nothing else is left. */
export const LLGR_STALE = 1;

/**
 * All paths of one family, one row each: Adj-RIB-In and Loc-RIB at once. Columns that are 0 for
 * most rows are 0 in every row that is not in use, and written only where a row needs more: pages
 * that nothing was written to take no memory.
 */
export class PathTable {
  prefixes: Uint32Array = new Uint32Array(staggered(LEAST, 0));
  sources: Uint32Array = new Uint32Array(staggered(LEAST, 1));
  /** RFC 7911 path identifier as received, or the number of a local route. */
  pathIds: Uint32Array = new Uint32Array(staggered(LEAST, 2));
  /** Record as received, and after the import policy; the same id where nothing changed. */
  received: Uint32Array = new Uint32Array(staggered(LEAST, 3));
  effective: Uint32Array = new Uint32Array(staggered(LEAST, 4));
  /** Why the path is not eligible (`reasons.ts`); 0: it is. */
  reasons: Uint16Array = new Uint16Array(staggered(LEAST, 5));
  flags: Uint8Array = new Uint8Array(staggered(LEAST, 6));
  /** The era of its source (`SourcePaths`) in which the path was announced last. */
  eras: Uint32Array = new Uint32Array(staggered(LEAST, 12));
  /** Small number of the path within its prefix, from 1: its path identifier when sent. */
  slots: Uint16Array = new Uint16Array(staggered(LEAST, 7));
  /** Seconds of the RIB's clock. */
  times: Uint32Array = new Uint32Array(staggered(LEAST, 8));
  /** Next row of the same prefix. */
  next: Uint32Array = new Uint32Array(staggered(LEAST, 9));
  #sourceNext: Uint32Array = new Uint32Array(staggered(LEAST, 10));
  #sourcePrevious: Uint32Array = new Uint32Array(staggered(LEAST, 11));
  readonly #ids = new IdPool();
  #stamps: Uint32Array = new Uint32Array(16);
  #stamp = 0;
  #room = 0;

  get size(): number {
    return this.#ids.size;
  }

  /** One more than the largest row ever in use. */
  get limit(): number {
    return this.#ids.limit;
  }

  /** The row of a source and path id among the rows of a prefix, or 0. */
  find(head: number, source: number, pathId: number): number {
    let row = head;
    while (row !== 0 && (this.sources[row] !== source || this.pathIds[row] !== pathId)) {
      row = this.next[row] as number;
    }
    return row;
  }

  /** Adds an empty row behind the first one of the prefix, which stays the best until decided. */
  add(prefixes: PrefixTable, prefix: number, source: number, list: SourcePaths): number {
    const row = this.#ids.take();
    this.#grow(row);
    const head = prefixes.heads[prefix] as number;
    const slot = head === 0 ? 1 : this.#freeSlot(head);
    this.slots[row] = slot;
    if (slot > (prefixes.slots[prefix] as number)) prefixes.slots[prefix] = slot;
    this.prefixes[row] = prefix;
    this.sources[row] = source;
    if (list.era !== 0) this.eras[row] = list.era;
    if (head === 0) {
      prefixes.heads[prefix] = row;
    } else {
      this.next[row] = this.next[head] as number;
      this.next[head] = row;
    }
    this.#link(row, list);
    return row;
  }

  /** Takes a row away. If it was the best one, the prefix has none until it is decided. */
  remove(prefixes: PrefixTable, row: number, list: SourcePaths): void {
    const prefix = this.prefixes[row] as number;
    const next = this.next[row] as number;
    if (prefixes.heads[prefix] === row) {
      prefixes.heads[prefix] = next;
      prefixes.decisions[prefix] = 0;
    } else {
      this.next[this.#before(prefixes, row)] = next;
    }
    this.#unlink(row, list);
    this.prefixes[row] = 0;
    this.#clear(row);
    this.#ids.release(row);
  }

  /** Makes a row the first of its prefix. */
  promote(prefixes: PrefixTable, row: number): void {
    const prefix = this.prefixes[row] as number;
    const head = prefixes.heads[prefix] as number;
    if (head === row) return;
    this.next[this.#before(prefixes, row)] = this.next[row] as number;
    this.next[row] = head;
    prefixes.heads[prefix] = row;
  }

  /** The row that follows in its source's list; 0 ends it. */
  following(row: number): number {
    return this.#sourceNext[row] as number;
  }

  #clear(row: number): void {
    if (this.pathIds[row] !== 0) this.pathIds[row] = 0;
    if (this.reasons[row] !== 0) this.reasons[row] = 0;
    if (this.flags[row] !== 0) this.flags[row] = 0;
    if (this.eras[row] !== 0) this.eras[row] = 0;
    if (this.next[row] !== 0) this.next[row] = 0;
  }

  #before(prefixes: PrefixTable, row: number): number {
    let before = prefixes.heads[this.prefixes[row] as number] as number;
    while (this.next[before] !== row) before = this.next[before] as number;
    return before;
  }

  #link(row: number, list: SourcePaths): void {
    this.#sourceNext[row] = list.first;
    this.#sourcePrevious[row] = 0;
    if (list.first !== 0) this.#sourcePrevious[list.first] = row;
    list.first = row;
    list.rows++;
  }

  #unlink(row: number, list: SourcePaths): void {
    const next = this.#sourceNext[row] as number;
    const previous = this.#sourcePrevious[row] as number;
    if (next !== 0) this.#sourcePrevious[next] = previous;
    if (previous === 0) list.first = next;
    else this.#sourceNext[previous] = next;
    if (list.walks.size > 0) passOver(list, row, next);
    list.rows--;
  }

  /** The smallest slot that no row of the prefix has. */
  #freeSlot(head: number): number {
    const stamp = ++this.#stamp;
    for (let row = head; row !== 0; row = this.next[row] as number) {
      const slot = this.slots[row] as number;
      this.#stamps = grownU32(this.#stamps, slot + 1);
      this.#stamps[slot] = stamp;
    }
    let slot = 1;
    while (this.#stamps[slot] === stamp) slot++;
    return slot;
  }

  #grow(row: number): void {
    if (row < this.#room) return;
    this.prefixes = grownU32(this.prefixes, row);
    this.sources = grownU32(this.sources, row);
    this.pathIds = grownU32(this.pathIds, row);
    this.received = grownU32(this.received, row);
    this.effective = grownU32(this.effective, row);
    this.reasons = grownU16(this.reasons, row);
    this.flags = grownU8(this.flags, row);
    this.eras = grownU32(this.eras, row);
    this.slots = grownU16(this.slots, row);
    this.times = grownU32(this.times, row);
    this.next = grownU32(this.next, row);
    this.#sourceNext = grownU32(this.#sourceNext, row);
    this.#sourcePrevious = grownU32(this.#sourcePrevious, row);
    this.#room = roomOf(
      this.prefixes,
      this.sources,
      this.pathIds,
      this.received,
      this.effective,
      this.reasons,
      this.flags,
      this.eras,
      this.slots,
      this.times,
      this.next,
      this.#sourceNext,
      this.#sourcePrevious,
    );
  }
}

/** Moves walks whose turn a row is on to the one behind it. */
function passOver({ walks }: SourcePaths, row: number, next: number): void {
  for (const walk of walks) if (walk.next === row) walk.next = next;
}
