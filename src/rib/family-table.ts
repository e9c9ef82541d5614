import type { Family } from '../net/family.ts';
import { Decision, type DecisionTables } from './decision.ts';
import { LLGR_STALE, PathTable } from './path-table.ts';
import { PrefixSet } from './prefix-set.ts';
import { PrefixTable } from './prefix-table.ts';
import type { Source } from './source.ts';
import { TableWalk } from './table-walk.ts';
import type { Preferences } from './types.ts';

/** Prefixes decided between two looks at the clock. */
const STRIDE = 64;

/** Whoever follows the best paths: update groups, FIB readers. */
export interface BestPathReader {
  /** The best path of a prefix, or the set of its paths, may have changed. */
  touch(prefix: number): void;
}

/** What a path says: its records and why it is not eligible (0: it is). */
export interface PathContent {
  readonly received: number;
  readonly effective: number;
  readonly reason: number;
}

/** One family's prefixes and paths, the prefixes to decide, and who reads the outcome. */
export class FamilyTable {
  readonly family: Family;
  readonly prefixes: PrefixTable;
  readonly paths: PathTable = new PathTable();
  readonly decision: Decision;
  readonly #tables: DecisionTables;
  readonly #dirty: PrefixSet;
  /** Laps for what moves every decision. */
  readonly #walk: TableWalk;
  readonly #readers: BestPathReader[] = [];

  constructor(family: Family, tables: DecisionTables, preferences: Preferences, seed: number) {
    this.family = family;
    this.#tables = tables;
    this.prefixes = new PrefixTable(family, seed);
    this.decision = new Decision(tables, this.paths, preferences);
    this.#dirty = new PrefixSet(this.prefixes);
    this.#walk = new TableWalk(this.prefixes);
  }

  /** How many read the outcome. */
  get readers(): number {
    return this.#readers.length;
  }

  addReader(reader: BestPathReader): void {
    this.#readers.push(reader);
  }

  removeReader(reader: BestPathReader): void {
    const index = this.#readers.indexOf(reader);
    if (index >= 0) this.#readers.splice(index, 1);
  }

  /** Prefixes that wait for their decision. */
  get undecided(): number {
    return this.#dirty.size;
  }

  /** True when no prefix waits. */
  get isDecided(): boolean {
    return this.#dirty.size === 0 && this.#walk.done;
  }

  isUndecided(prefix: number): boolean {
    return this.#dirty.has(prefix);
  }

  touch(prefix: number): void {
    this.#dirty.add(prefix);
  }

  /** Every prefix must be decided again. */
  touchAll(): void {
    this.#walk.begin();
  }

  /**
   * Adds the path of a source, or replaces it implicitly (RFC 4271 §3.1). The row takes references
   * of its own. Returns true when the source had no such path before.
   */
  announce(
    prefix: number,
    source: Source,
    pathId: number,
    content: PathContent,
    time: number,
  ): boolean {
    const { paths, prefixes } = this;
    const list = source.paths[this.family];
    let row = paths.find(prefixes.heads[prefix] as number, source.id, pathId);
    const isNew = row === 0;
    if (isNew) {
      row = paths.add(prefixes, prefix, source.id, list);
      if (pathId !== 0) paths.pathIds[row] = pathId;
      this.#tables.sources.mention(source.id);
    } else {
      if (this.#refreshed(row, source, content)) return false;
      this.#letGo(row, source);
    }
    const { records } = this.#tables;
    paths.received[row] = records.retain(content.received);
    paths.effective[row] = records.retain(content.effective);
    if (paths.reasons[row] !== content.reason) paths.reasons[row] = content.reason;
    paths.times[row] = time;
    if (content.reason === 0) list.accepted++;
    this.#dirty.add(prefix);
    return isNew;
  }

  /** Takes the path of a source away; false when there is none. */
  withdraw(prefix: number, source: Source, pathId: number): boolean {
    const row = this.paths.find(this.prefixes.heads[prefix] as number, source.id, pathId);
    if (row === 0) return false;
    this.removeRow(row, source);
    return true;
  }

  removeRow(row: number, source: Source): void {
    const prefix = this.paths.prefixes[row] as number;
    this.#dirty.add(prefix);
    this.#letGo(row, source);
    this.paths.remove(this.prefixes, row, source.paths[this.family]);
    this.#tables.sources.forget(source.id);
  }

  /** Puts a path under another verdict, as after a change of the import policy. */
  rejudge(row: number, source: Source, effective: number, reason: number): void {
    const { paths } = this;
    if (paths.effective[row] === effective && paths.reasons[row] === reason) return;
    const { records } = this.#tables;
    const list = source.paths[this.family];
    if (paths.reasons[row] === 0) list.accepted--;
    if (reason === 0) list.accepted++;
    records.retain(effective);
    records.release(paths.effective[row] as number);
    paths.effective[row] = effective;
    paths.reasons[row] = reason;
    this.#dirty.add(paths.prefixes[row] as number);
  }

  /** Decides what waits, until the clock passes `deadline`; true while something is left. */
  decide(now: () => number, deadline: number, decided: (prefix: number) => void): boolean {
    while (!this.isDecided) {
      this.#walk.gather(this.#dirty);
      this.#decideSome(decided);
      if (now() >= deadline) return !this.isDecided;
    }
    return false;
  }

  #decideSome(decided: (prefix: number) => void): void {
    const { prefixes } = this;
    for (let i = 0; i < STRIDE; i++) {
      const prefix = this.#dirty.take();
      if (prefix === 0) return;
      this.decision.decide(prefixes, prefix);
      for (const reader of this.#readers) reader.touch(prefix);
      decided(prefix);
      prefixes.unpin(prefix);
    }
  }

  /** The same path again: only its marks change. False when its content is another. */
  #refreshed(row: number, source: Source, content: PathContent): boolean {
    const { paths } = this;
    const same =
      paths.received[row] === content.received &&
      paths.effective[row] === content.effective &&
      paths.reasons[row] === content.reason &&
      ((paths.flags[row] as number) & LLGR_STALE) === 0;
    if (same) this.#renew(row, source);
    return same;
  }

  /** Releases what a row holds, before it is filled again or removed. */
  #letGo(row: number, source: Source): void {
    const { records } = this.#tables;
    const { paths } = this;
    records.release(paths.received[row] as number);
    records.release(paths.effective[row] as number);
    if (paths.reasons[row] === 0) source.paths[this.family].accepted--;
    if (paths.flags[row] !== 0) paths.flags[row] = 0;
    this.#renew(row, source);
  }

  #renew(row: number, source: Source): void {
    const list = source.paths[this.family];
    const { eras } = this.paths;
    if ((eras[row] as number) < list.staleBefore) list.stale--;
    if (eras[row] !== list.era) eras[row] = list.era;
  }
}
