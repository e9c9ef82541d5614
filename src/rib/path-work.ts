import type { Family } from '../net/family.ts';
import type { FamilyTable } from './family-table.ts';
import type { ImportRules } from './import-rules.ts';
import { LLGR_STALE } from './path-table.ts';
import { LLGR_STALE_COMMUNITY, NO_LLGR } from './record-columns.ts';
import type { RibState } from './rib-state.ts';
import { RowWalk } from './row-walk.ts';
import type { Source, SourcePaths } from './source.ts';
import type { RibPeerSettings } from './types.ts';

/** RFC 9494 §2. */
const LLGR_STALE_VALUE = 0xffff0006;

/**
 * Bulk work on the paths of one source in one family, in slices and in time proportional to their
 * number. What is announced while it goes on is not touched by it.
 */
export class PathWork {
  readonly #state: RibState;
  readonly #table: FamilyTable;
  readonly #source: Source;

  constructor(state: RibState, family: Family, source: Source) {
    this.#state = state;
    this.#table = state.families[family];
    this.#source = source;
  }

  /** Every path is stale until it is announced again. */
  markStale(): void {
    const list = this.#list;
    list.staleBefore = ++list.era;
    list.stale = list.rows;
  }

  /** The peer begins to announce everything once more. */
  beginRefresh(): void {
    const list = this.#list;
    list.refreshBefore = ++list.era;
  }

  sweepStale(): void {
    this.#sweep(this.#list.staleBefore);
  }

  sweepRefreshed(): void {
    this.#sweep(this.#list.refreshBefore);
  }

  /** Takes away what came last until no more than `max` paths are left. */
  trim(max: number): void {
    const list = this.#list;
    const walk = new RowWalk(this.#table.paths, list);
    walk.begin();
    // New rows stand at the beginning of the list.
    this.#state.inSlices(() => {
      const more = walk.step((row) => {
        if (list.rows > max) this.#table.removeRow(row, this.#source);
      });
      if (list.rows > max) return more;
      walk.end();
      return false;
    });
  }

  /** Turns stale paths into long-lived stale ones (RFC 9494 §4.2). */
  keepLongLived(): void {
    const { paths } = this.#table;
    const { records } = this.#state;
    const { staleBefore } = this.#list;
    this.#visit((row) => {
      if ((paths.eras[row] as number) >= staleBefore) return;
      const flags = records.columns.flags[paths.received[row] as number] as number;
      if ((flags & NO_LLGR) !== 0) {
        this.#table.removeRow(row, this.#source);
        return;
      }
      paths.flags[row] = (paths.flags[row] as number) | LLGR_STALE;
      const effective = this.#longLived(paths.effective[row] as number);
      this.#table.rejudge(row, this.#source, effective, paths.reasons[row] as number);
      records.release(effective);
    });
  }

  /** Judges every path by the settings that are in force when its turn comes. */
  rejudge(rules: ImportRules, settings: () => RibPeerSettings): void {
    const { paths } = this.#table;
    this.#visit((row) => {
      const prefix = paths.prefixes[row] as number;
      rules.judge(paths.received[row] as number, this.#source, settings(), this.#table, prefix);
      const marked = ((paths.flags[row] as number) & LLGR_STALE) !== 0;
      const effective = marked ? this.#longLived(rules.effective) : rules.effective;
      this.#table.rejudge(row, this.#source, effective, rules.reason);
      if (marked) this.#state.records.release(effective);
      this.#state.records.release(rules.effective);
    });
  }

  /** Has every prefix of the source decided and sent anew. */
  touch(): void {
    this.#visit((row) => this.#table.touch(this.#table.paths.prefixes[row] as number));
  }

  get #list(): SourcePaths {
    return this.#source.paths[this.#table.family];
  }

  #sweep(before: number): void {
    const { paths } = this.#table;
    this.#visit((row) => {
      if ((paths.eras[row] as number) < before) this.#table.removeRow(row, this.#source);
    });
  }

  /** The record with LLGR_STALE, retained. */
  #longLived(record: number): number {
    const { records } = this.#state;
    const flags = records.columns.flags[record] as number;
    if ((flags & LLGR_STALE_COMMUNITY) !== 0) return records.retain(record);
    const attributes = records.attributes(record);
    return records.amend(record, {
      ...attributes,
      communities: [...attributes.communities, LLGR_STALE_VALUE],
    });
  }

  #visit(visit: (row: number) => void): void {
    const list = this.#list;
    if (list.first === 0) return;
    const walk = new RowWalk(this.#table.paths, list);
    walk.begin();
    this.#state.inSlices(() => walk.step(visit));
  }
}

/** Removes all paths of a source that nobody uses any more, in slices, and then the source. */
export function retireSource(state: RibState, source: Source): void {
  const walks = Object.values(state.families).map((table) => {
    const walk = new RowWalk(table.paths, source.paths[table.family]);
    walk.begin();
    return () => walk.step((row) => table.removeRow(row, source));
  });
  state.inSlices(() => {
    if (walks.some((step) => step())) return true;
    state.sources.forget(source.id);
    return false;
  });
}
