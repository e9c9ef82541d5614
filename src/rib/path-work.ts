import type { Family } from '../net/family.ts';
import type { Task } from '../runtime/sliced-work.ts';
import type { FamilyTable } from './family-table.ts';
import type { ImportRules } from './import-rules.ts';
import { LLGR_STALE, STALE, SWEPT } from './path-table.ts';
import { LLGR_STALE_COMMUNITY, NO_LLGR } from './record-columns.ts';
import type { RibState } from './rib-state.ts';
import type { Source } from './source.ts';
import type { RibPeerSettings } from './types.ts';

/** RFC 9494 §2. */
const LLGR_STALE_VALUE = 0xffff0006;

/** Rows handled between two looks at the clock. */
const STRIDE = 256;

/** Bulk work on the paths of one source in one family, in time proportional to their number. */
export class PathWork {
  readonly #state: RibState;
  readonly #table: FamilyTable;
  readonly #source: Source;

  constructor(state: RibState, family: Family, source: Source) {
    this.#state = state;
    this.#table = state.families[family];
    this.#source = source;
  }

  /** Marks every path; at once, because announcements that follow must find the mark. */
  mark(flag: number): void {
    const { paths, family } = this.#table;
    const list = this.#source.paths[family];
    for (let row = list.first; row !== 0; row = paths.following(row)) {
      const flags = paths.flags[row] as number;
      if (flag === STALE && (flags & STALE) === 0) list.stale++;
      paths.flags[row] = flags | flag;
    }
  }

  /** Removes the paths that carry a mark now and are not announced meanwhile, in slices. */
  sweep(flag: number): void {
    const { paths } = this.#table;
    const carries = (row: number, mark: number): boolean =>
      ((paths.flags[row] as number) & mark) !== 0;
    const doom = (row: number): boolean => {
      if (!carries(row, flag)) return false;
      paths.flags[row] = (paths.flags[row] as number) | SWEPT;
      return true;
    };
    this.#sliced((row) => {
      if (carries(row, SWEPT)) this.#table.removeRow(row, this.#source);
    }, doom);
  }

  /** Takes away what came last, in slices, until no more than `max` paths are left. */
  trim(max: number): void {
    const list = this.#source.paths[this.#table.family];
    let excess = list.rows - max;
    // New rows stand at the beginning of the list.
    this.#sliced(
      (row) => {
        if (list.rows > max) this.#table.removeRow(row, this.#source);
      },
      () => excess-- > 0,
    );
  }

  /** Turns stale paths into long-lived stale ones, in slices (RFC 9494 §4.2). */
  keepLongLived(): void {
    const { paths } = this.#table;
    const { records } = this.#state;
    const isStale = (row: number): boolean => ((paths.flags[row] as number) & STALE) !== 0;
    this.#sliced((row) => {
      if (!isStale(row)) return;
      const flags = records.columns.flags[paths.received[row] as number] as number;
      if ((flags & NO_LLGR) !== 0) {
        this.#table.removeRow(row, this.#source);
        return;
      }
      paths.flags[row] = (paths.flags[row] as number) | LLGR_STALE;
      const effective = this.#longLived(paths.effective[row] as number);
      this.#table.rejudge(row, this.#source, effective, paths.reasons[row] as number);
      records.release(effective);
    }, isStale);
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

  /** Judges every path by other settings, in slices. */
  rejudge(rules: ImportRules, settings: RibPeerSettings): void {
    const { paths } = this.#table;
    this.#sliced((row) => {
      const prefix = paths.prefixes[row] as number;
      rules.judge(paths.received[row] as number, this.#source, settings, this.#table, prefix);
      const marked = ((paths.flags[row] as number) & LLGR_STALE) !== 0;
      const effective = marked ? this.#longLived(rules.effective) : rules.effective;
      this.#table.rejudge(row, this.#source, effective, rules.reason);
      if (marked) this.#state.records.release(effective);
      this.#state.records.release(rules.effective);
    });
  }

  /** Has every prefix of the source decided and sent anew, in slices. */
  touch(): void {
    this.#sliced((row) => this.#table.touch(this.#table.paths.prefixes[row] as number));
  }

  /** Visits the rows that there are now and that `wants` picks, unless they go before their turn. */
  #sliced(visit: (row: number) => void, wants: (row: number) => boolean = () => true): void {
    const { paths, family } = this.#table;
    const list = this.#source.paths[family];
    const rows = new Uint32Array(list.rows);
    let count = 0;
    for (let row = list.first; row !== 0; row = paths.following(row)) {
      if (wants(row)) rows[count++] = row;
    }
    if (count === 0) return;
    const state = this.#state;
    const source = this.#source.id;
    let next = 0;
    const task: Task = {
      run: (deadline) => {
        while (next < count) {
          for (const end = Math.min(count, next + STRIDE); next < end; next++) {
            const row = rows[next] as number;
            if (paths.prefixes[row] !== 0 && paths.sources[row] === source) visit(row);
          }
          if (state.now() >= deadline) break;
        }
        state.schedule();
        return next < count || state.finished(task);
      },
    };
    state.share(task);
  }
}

/** Removes all paths of a source that nobody uses any more, in slices, and then the source. */
export function retireSource(state: RibState, source: Source): void {
  const tables = Object.values(state.families);
  const task: Task = {
    run: (deadline) => {
      state.schedule();
      for (const table of tables) {
        const list = source.paths[table.family];
        while (list.first !== 0) {
          for (let i = 0; i < STRIDE && list.first !== 0; i++) table.removeRow(list.first, source);
          if (state.now() >= deadline) return true;
        }
      }
      state.sources.forget(source.id);
      return state.finished(task);
    },
  };
  state.share(task);
}
