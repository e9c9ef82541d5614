import type { FamilyTable } from './family-table.ts';
import type { RecordTable } from './record-table.ts';
import { TableWalk } from './table-walk.ts';

/** Has every prefix with a path over a next hop that moved decided again, in slices. */
export class MovedNextHops {
  readonly #records: RecordTable;
  readonly #walks: readonly { readonly table: FamilyTable; readonly walk: TableWalk }[];
  readonly #inSlices: (step: () => boolean) => void;
  readonly #moved = new Set<number>();

  constructor(
    records: RecordTable,
    tables: readonly FamilyTable[],
    inSlices: (step: () => boolean) => void,
  ) {
    this.#records = records;
    this.#walks = tables.map((table) => ({ table, walk: new TableWalk(table.paths) }));
    this.#inSlices = inSlices;
  }

  /** Those that moved earlier and are not done with share the walk of these. */
  add(moved: readonly number[]): void {
    if (moved.length === 0) return;
    const under = this.#moved.size > 0;
    for (const id of moved) this.#moved.add(id);
    for (const { walk } of this.#walks) walk.begin();
    if (!under) this.#inSlices(() => this.#step());
  }

  #step(): boolean {
    const at = this.#walks.find(({ walk }) => !walk.done);
    if (at === undefined) {
      this.#moved.clear();
      return false;
    }
    const { prefixes, effective } = at.table.paths;
    const { nextHops } = this.#records.columns;
    at.walk.step((row) => {
      const prefix = prefixes[row] as number;
      if (prefix === 0) return;
      if (this.#moved.has(nextHops[effective[row] as number] as number)) at.table.touch(prefix);
    });
    return true;
  }
}
