import type { Crossing } from './crossing.ts';
import type { GroupTable } from './group-table.ts';
import { Journal } from './journal.ts';
import { PrefixSet } from './prefix-set.ts';
import type { PrefixTable } from './prefix-table.ts';
import { STRETCH, TableWalk } from './table-walk.ts';

/** Prefixes that a member is told at a time. */
const BATCH = 1024;
/** Stretches looked through for them at most. */
const LOOKS = 8;

/** A crossing of which the member has still to be told what was found, from a prefix on. */
interface Way {
  readonly crossing: Crossing;
  next: number;
}

/**
 * What a member that left the journal still has to be told, and messages made for it alone. What it
 * is told of a prefix is the present state.
 */
export class Detour {
  readonly pending: PrefixSet;
  /** Laps through the table for a member that may have missed anything that was sent. */
  readonly walk: TableWalk;
  readonly journal: Journal;
  readonly #prefixes: PrefixTable;
  #ways: Way[] = [];

  constructor(prefixes: PrefixTable) {
    this.#prefixes = prefixes;
    this.pending = new PrefixSet(prefixes);
    this.walk = new TableWalk(prefixes);
    this.journal = new Journal(prefixes);
  }

  get isOver(): boolean {
    return this.pending.size === 0 && this.walk.done && this.#ways.length === 0;
  }

  /** The member comes from another group: it is told what that one has sent otherwise. */
  cross(crossing: Crossing): void {
    if (crossing.isOver) return;
    crossing.enter();
    this.#ways.push({ crossing, next: 0 });
  }

  /** Writes what the member with this id is told next, but for what is `early`; false if nothing can be. */
  tell(member: number, routes: GroupTable, isEarly: (prefix: number) => boolean): boolean {
    const looked = this.#gather(routes);
    const { pending } = this;
    const taken: number[] = [];
    const early: number[] = [];
    while (taken.length + early.length < BATCH) {
      const prefix = pending.take();
      if (prefix === 0) break;
      if (isEarly(prefix)) {
        early.push(prefix);
      } else {
        taken.push(prefix);
        routes.correct(prefix, member);
      }
    }
    routes.flush(this.journal, member);
    for (const prefix of early) pending.add(prefix);
    for (const prefix of [...taken, ...early]) this.#prefixes.unpin(prefix);
    return looked || taken.length > 0;
  }

  /** The member is gone; lets go of everything in slices. */
  close(inSlices: (step: () => boolean) => void): void {
    for (const { crossing } of this.#ways) crossing.leave();
    this.#ways = [];
    if (this.pending.size > 0) inSlices(() => this.pending.drop(STRETCH));
  }

  /** Looks for prefixes to tell until there are enough for once; false when there is nowhere to look. */
  #gather(routes: GroupTable): boolean {
    const { pending, walk } = this;
    let looks = 0;
    for (; looks < LOOKS && pending.size < BATCH; looks++) {
      const way = this.#ways.find(({ crossing }) => crossing.done);
      if (way !== undefined) this.#follow(way);
      else if (!walk.done) walk.step((prefix) => void (routes.has(prefix) && pending.add(prefix)));
      else break;
    }
    return looks > 0;
  }

  #follow(way: Way): void {
    const { found } = way.crossing;
    for (let count = 0; count < STRETCH; count++) {
      const prefix = found.from(way.next);
      if (prefix < 0) {
        this.#ways = this.#ways.filter((each) => each !== way);
        way.crossing.leave();
        return;
      }
      this.pending.add(prefix);
      way.next = prefix + 1;
    }
  }
}
