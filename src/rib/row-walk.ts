import type { PathTable } from './path-table.ts';
import type { SourcePaths } from './source.ts';
import { STRETCH } from './table-walk.ts';

/**
 * Visits the rows that a source has in one family, a stretch at a time. A row that goes before its
 * turn is passed over, and one that comes after the beginning is not visited.
 */
export class RowWalk {
  readonly #paths: PathTable;
  readonly #list: SourcePaths;
  /** The row whose turn is next; 0 ends the walk. `PathTable` moves it on when that row goes. */
  next = 0;

  constructor(paths: PathTable, list: SourcePaths) {
    this.#paths = paths;
    this.#list = list;
  }

  begin(): void {
    this.next = this.#list.first;
    this.#list.walks.add(this);
  }

  /** Visits the rows of the next stretch; true while some are left. */
  step(visit: (row: number) => void): boolean {
    for (let count = 0; count < STRETCH && this.next !== 0; count++) {
      const row = this.next;
      this.next = this.#paths.following(row);
      visit(row);
    }
    if (this.next !== 0) return true;
    this.end();
    return false;
  }

  end(): void {
    this.#list.walks.delete(this);
  }
}
