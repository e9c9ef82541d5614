import type { GroupTable } from './group-table.ts';
import { PrefixSet } from './prefix-set.ts';
import type { PrefixTable } from './prefix-table.ts';
import { STRETCH, TableWalk } from './table-walk.ts';

/** An update group as crossings see it. */
export interface Shore {
  readonly routes: GroupTable;
  /** Crossings from and to the group that depend on its state; it tells them what it changes. */
  readonly crossings: Set<Crossing>;
}

/**
 * The way from one update group to another, for all members that go it: which prefixes the two have
 * sent otherwise. It finds them in slices, and adds what one of the groups changes meanwhile, so that
 * it is right for whoever sets out until either changes something after the end.
 */
export class Crossing {
  readonly from: Shore;
  readonly to: Shore;
  readonly found: PrefixSet;
  readonly #walk: TableWalk;
  readonly #inSlices: (step: () => boolean) => void;
  /** Members that have not yet been told everything that was found. */
  #members = 0;
  #open = true;

  /** The groups begin `alike` when one was made with what the other has sent. */
  constructor(
    from: Shore,
    to: Shore,
    prefixes: PrefixTable,
    inSlices: (step: () => boolean) => void,
    alike: boolean,
  ) {
    this.from = from;
    this.to = to;
    this.found = new PrefixSet(prefixes);
    this.#walk = new TableWalk(prefixes);
    this.#inSlices = inSlices;
    if (!alike) this.#walk.begin();
    from.crossings.add(this);
    to.crossings.add(this);
  }

  /** True when all differences are found. */
  get done(): boolean {
    return this.#walk.done;
  }

  /** True when there is nothing to be told, now or later. */
  get isOver(): boolean {
    return this.done && this.found.size === 0;
  }

  enter(): void {
    this.#members++;
  }

  leave(): void {
    this.#members--;
    if (this.#members > 0 || !this.done) return;
    if (this.#open) this.close();
    else this.#free();
  }

  /** Compares what was sent of the next prefixes; true while some are left. */
  step(): boolean {
    const { from, to, found } = this;
    const more = this.#walk.step((prefix) => {
      if (to.routes.differs(prefix, from.routes)) found.add(prefix);
    });
    if (!more && this.#members === 0) this.close();
    return more;
  }

  /** One of the groups sends something else for a prefix than before. */
  changed(prefix: number): void {
    if (!this.done) this.found.add(prefix);
    else if (this.#open) this.close();
  }

  /** Nobody sets out any more. */
  close(): void {
    this.#open = false;
    this.from.crossings.delete(this);
    this.to.crossings.delete(this);
    if (this.#members === 0) this.#free();
  }

  #free(): void {
    if (this.found.size > 0) this.#inSlices(() => this.found.drop(STRETCH));
  }
}
