import { grownU32 } from './columns.ts';
import { Crossing, type Shore } from './crossing.ts';
import { Detour } from './detour.ts';
import type { ExportTables } from './export-rules.ts';
import type { BestPathReader, FamilyTable } from './family-table.ts';
import type { GroupProfile } from './group-key.ts';
import { GroupTable } from './group-table.ts';
import { Journal } from './journal.ts';
import type { Member } from './member.ts';
import { PrefixSet } from './prefix-set.ts';
import { Roster } from './roster.ts';
import { RoundWalk } from './round-walk.ts';
import type { SentWatcher } from './sent-watcher.ts';
import { STRETCH, TableWalk } from './table-walk.ts';

/** Changes packed together at most. */
const BATCH = 4096;
/** Slabs that a member may be behind before it leaves the journal. */
const MOST_BEHIND = 64;
/** Stretches of a walk gone through for a batch at most. */
const STRETCHES = 16;

/** What an update group has still to do. */
export interface GroupBacklog {
  /** Prefixes to be judged. */
  readonly pending: number;
  /** Octets of the journal. */
  readonly bytes: number;
  /** Members told by prefix, and prefixes that they have to be told. */
  readonly detours: number;
  readonly missed: number;
}

/**
 * Peers whose output is byte for byte the same. Follows the best paths, writes each change once
 * into a journal and hands the same buffers to every member. A member that falls behind leaves the
 * journal for a set of prefixes, is told their present state and comes back.
 */
export class UpdateGroup implements BestPathReader, Shore {
  readonly id: number;
  readonly profile: GroupProfile;
  readonly roster: Roster;
  readonly watchers: Set<SentWatcher> = new Set();
  readonly crossings: Set<Crossing> = new Set();
  readonly routes: GroupTable;
  readonly #table: FamilyTable;
  readonly #inSlices: (step: () => boolean) => void;
  readonly #pending: PrefixSet;
  /** Laps for what changes the verdict on every path. */
  readonly #walk: TableWalk;
  readonly #round = new RoundWalk();
  readonly #journal: Journal;
  #batch: Uint32Array = new Uint32Array(64);
  #hasCrossed = false;

  /** With `origin`, begins with what that group has sent, and sends only what differs. */
  constructor(
    id: number,
    profile: GroupProfile,
    table: FamilyTable,
    tables: ExportTables,
    origin?: UpdateGroup,
  ) {
    this.id = id;
    this.profile = profile;
    this.#table = table;
    this.#inSlices = tables.inSlices;
    this.#journal = new Journal(table.prefixes);
    this.roster = new Roster(this.#journal);
    this.routes = new GroupTable(profile, table, tables, this.members, origin?.routes);
    this.#pending = new PrefixSet(table.prefixes);
    this.#walk = new TableWalk(table.prefixes);
    this.#walk.begin();
    if (origin !== undefined) this.#crossFrom(origin, true);
    table.addReader(this);
  }

  touch(prefix: number): void {
    this.#pending.add(prefix);
  }

  get members(): ReadonlyMap<number, Member> {
    return this.roster.members;
  }

  get waiting(): GroupBacklog {
    let missed = 0;
    for (const { detour } of this.roster.diverted) missed += detour?.pending.size ?? 0;
    return {
      pending: this.#pending.size,
      bytes: this.#journal.bytes,
      detours: this.roster.diverted.size,
      missed,
    };
  }

  /** True when nothing is pending and every member has written all that it hears of. */
  get idle(): boolean {
    if (!this.#isJudged || !this.#journal.isSettled) return false;
    for (const { done } of this.crossings) if (!done) return false;
    return this.roster.idle;
  }

  /** No member is left, and nobody is on the way between this group and another. */
  get isUnused(): boolean {
    return this.members.size === 0 && [...this.crossings].every(({ done }) => done);
  }

  get #isJudged(): boolean {
    return this.#pending.size === 0 && this.#walk.done;
  }

  /** A new member: it is sent the whole table, then End-of-RIB. */
  join(member: Member): void {
    this.roster.enter(member);
    this.#repeat(member);
  }

  /** ROUTE-REFRESH: sends everything to a member once more. */
  resend(member: Member): void {
    if (member.enhancedRefresh) member.askRefresh();
    else this.#repeat(member);
  }

  #repeat(member: Member): void {
    if (this.routes.sent.size === 0) return;
    if (member.detour === undefined) member.beginLap(this.#round.here);
    else member.detour.walk.begin();
  }

  /** Takes over a member of another group; of what it was sent there only differences are sent. */
  adopt(member: Member, from: UpdateGroup): void {
    const detour = from.#detourOf(member);
    for (const watcher of from.#watchersOf(member)) {
      this.watchers.add(watcher);
      watcher.touchAll();
    }
    from.leave(member);
    this.roster.enter(member);
    detour.cross(this.#crossFrom(from, false));
    if (!detour.isOver) member.divert(detour);
  }

  /** The way from another group: one that leads to the present state, or a new one. */
  #crossFrom(from: UpdateGroup, alike: boolean): Crossing {
    for (const crossing of this.crossings) if (crossing.from === from) return crossing;
    return new Crossing(from, this, this.#table.prefixes, this.#inSlices, alike);
  }

  leave(member: Member): void {
    this.roster.leave(member);
    for (const watcher of this.#watchersOf(member)) this.watchers.delete(watcher);
    member.takeDetour()?.close(this.#inSlices);
  }

  /** Lets go of everything; the group has no members any more. */
  close(): void {
    this.#table.removeReader(this);
    for (const crossing of this.crossings) crossing.close();
    this.routes.close();
    this.#inSlices(() => this.#pending.drop(STRETCH));
    this.#journal.trim(this.#journal.last + 1);
    this.#inSlices(() => this.#journal.unpin(STRETCH, false));
  }

  /** Paths that a member has been told of. */
  advertised(member: Member): number {
    const { sent, outs } = this.routes;
    return sent.size - (outs.sentBySource[member.id] ?? 0);
  }

  /** Writes what is pending until the clock passes `deadline`; true while more can be done. */
  run(now: () => number, deadline: number): boolean {
    for (;;) {
      if (!this.roster.pumpRest(now, deadline)) return true;
      const worked = this.#produce(now, deadline);
      if (!this.roster.pumpAll(now, deadline)) return true;
      if (!this.#trim() && !worked) return this.#takeCrossed();
      if (now() >= deadline) return true;
    }
  }

  /** One batch of everything that waits; false when there was nothing to do. */
  #produce(now: () => number, deadline: number): boolean {
    this.routes.begin();
    let worked = this.#serveCrossings(now, deadline);
    if (this.#serveDetours(now, deadline)) worked = true;
    if (this.roster.isThrottled) return worked;
    if (!this.#isJudged) {
      this.#update();
      worked = true;
    }
    if (this.#serveJoiners()) worked = true;
    if (this.#serveMarks()) worked = true;
    return worked;
  }

  #update(): void {
    this.#gather();
    const { prefixes } = this.#table;
    const isWatched = this.watchers.size > 0;
    const isFollowed = this.roster.diverted.size + this.crossings.size > 0;
    let count = 0;
    while (count < BATCH && this.routes.packed < BATCH) {
      const prefix = this.#pending.take();
      if (prefix === 0) break;
      this.#batch = grownU32(this.#batch, count);
      this.#batch[count++] = prefix;
      // A prefix that is not decided yet is touched again when it is.
      if (this.#table.isUndecided(prefix)) continue;
      const changed = this.routes.update(prefix);
      if (isWatched) for (const watcher of this.watchers) watcher.touch(prefix, changed);
      if (isFollowed && changed) this.#follow(prefix);
    }
    this.routes.flush(this.#journal, 'all');
    prefixes.unpinAll(this.#batch, 0, count);
  }

  /** Notes a change for those that do not hear of it by the journal. */
  #follow(prefix: number): void {
    for (const { detour } of this.roster.diverted) detour?.pending.add(prefix);
    for (const crossing of this.crossings) crossing.changed(prefix);
  }

  /** Where everything must be judged again, goes on with it whatever else comes. */
  #gather(): void {
    for (let count = 0; count < STRETCHES && !this.#walk.done; count++) {
      this.#walk.gather(this.#pending);
      if (this.#pending.size >= BATCH) return;
    }
  }

  #watchersOf(member: Member): readonly SentWatcher[] {
    return [...this.watchers].filter((watcher) => watcher.member === member);
  }

  /** Walks on through the table for members that joined; what it writes is for all of them. */
  #serveJoiners(): boolean {
    if (!this.roster.isLapping) return false;
    this.#round.step(this.routes, this.#table.prefixes.limit, BATCH);
    this.routes.flush(this.#journal, 'joiners');
    for (const member of this.roster.lapping) {
      if (member.lap !== undefined && this.#round.hasPassed(member.lap))
        member.endLap(this.#journal);
    }
    return true;
  }

  /** Marks go to members for which everything else was written. */
  #serveMarks(): boolean {
    const isStill = this.#isJudged && this.#table.isDecided;
    let served = false;
    for (const member of this.roster.due) {
      if (member.lap !== undefined || member.detour !== undefined) continue;
      const mark = member.placeMark(this.#journal, this.#table.family, isStill);
      if (mark === undefined) continue;
      if (mark === 'begin-refresh') this.#repeat(member);
      this.roster.pumpSoon(member);
      served = true;
    }
    return served;
  }

  /** Members on a detour have their turns: whoever was served is the last of the next round. */
  #serveDetours(now: () => number, deadline: number): boolean {
    const { diverted } = this.roster;
    if (diverted.size === 0) return false;
    let served = false;
    for (const member of [...diverted]) {
      const { detour } = member;
      if (detour === undefined || member.blocked) continue;
      if (served && now() >= deadline) break;
      this.roster.putLast(member);
      if (this.#serveDetour(member, detour)) served = true;
    }
    return served;
  }

  /** Tells a member the present state of prefixes that it missed; at the end it comes back. */
  #serveDetour(member: Member, detour: Detour): boolean {
    const isEarly = (prefix: number): boolean =>
      this.#pending.has(prefix) || this.#table.isUndecided(prefix);
    const told = detour.tell(member.id, this.routes, isEarly);
    member.writeDetour();
    if (detour.isOver) member.rejoin(this.#journal);
    return told;
  }

  /** Goes on comparing with groups that members come from. */
  #serveCrossings(now: () => number, deadline: number): boolean {
    if (this.crossings.size === 0) return false;
    let served = false;
    for (const crossing of this.crossings) {
      if (crossing.to !== this || crossing.done) continue;
      this.routes.begin();
      served = true;
      while (crossing.step()) if (now() >= deadline) return true;
      this.#hasCrossed = true;
    }
    return served;
  }

  /** True once after a crossing came to its end: members of other groups may have waited for it. */
  #takeCrossed(): boolean {
    const crossed = this.#hasCrossed;
    this.#hasCrossed = false;
    return crossed;
  }

  /**
   * Drops what everybody has read, a batch at a time, and returns true while more is left; whoever
   * holds back too much leaves the journal, one at a time.
   */
  #trim(): boolean {
    const { last } = this.#journal;
    const { stalled } = this.roster;
    let oldest = last;
    let diverted = false;
    for (const member of stalled) {
      if (!diverted && last - member.slab > MOST_BEHIND) {
        member.divert(this.#detourOf(member));
        diverted = true;
      } else if (member.slab < oldest) oldest = member.slab;
    }
    this.#journal.trim(oldest);
    return this.#journal.unpin(BATCH, stalled.size === 0);
  }

  /** What a member has not yet been told; it leaves the journal. */
  #detourOf(member: Member): Detour {
    const known = member.takeDetour();
    if (known !== undefined) return known;
    const isCutShort = member.leaveJournal();
    const detour = new Detour(this.#table.prefixes);
    for (let number = member.slab; number <= this.#journal.last; number++) {
      const slab = this.#journal.slab(number);
      if (slab === undefined || member.isAtEnd(this.#journal)) break;
      for (let i = 0; i < slab.prefixCount; i++) detour.pending.add(slab.prefixes[i] as number);
    }
    if (isCutShort) detour.walk.begin();
    return detour;
  }
}
