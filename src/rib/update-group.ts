import { grownU32 } from './columns.ts';
import { Crossing, type Shore } from './crossing.ts';
import { Detour } from './detour.ts';
import { takeDueMark } from './due-mark.ts';
import type { ExportTables } from './export-rules.ts';
import type { BestPathReader, FamilyTable } from './family-table.ts';
import type { GroupProfile } from './group-key.ts';
import { GroupTable } from './group-table.ts';
import { Journal } from './journal.ts';
import type { Member } from './member.ts';
import { PrefixSet } from './prefix-set.ts';
import { RoundWalk } from './round-walk.ts';
import type { SentWatcher } from './sent-watcher.ts';
import { STRETCH, TableWalk } from './table-walk.ts';

/** Changes packed together at most. */
const BATCH = 4096;
/** Members written to between two looks at the clock. */
const STRIDE = 8;
/** Slabs that the fastest member may be behind before nothing more is written. */
const MOST_AHEAD = 16;
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
  readonly members: Map<number, Member> = new Map();
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
  #unpumped: Member[] = [];
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
    this.routes = new GroupTable(profile, table, tables, this.members, origin?.routes);
    this.#journal = new Journal(table.prefixes);
    this.#pending = new PrefixSet(table.prefixes);
    this.#walk = new TableWalk(table.prefixes);
    this.#walk.begin();
    if (origin !== undefined) this.#crossFrom(origin, true);
    table.readers.add(this);
  }

  touch(prefix: number): void {
    this.#pending.add(prefix);
  }

  get waiting(): GroupBacklog {
    const detours = [...this.members.values()].flatMap(({ detour }) => detour ?? []);
    return {
      pending: this.#pending.size,
      bytes: this.#journal.bytes,
      detours: detours.length,
      missed: detours.reduce((sum, { pending }) => sum + pending.size, 0),
    };
  }

  /** True when nothing is pending and every member has written all that it hears of. */
  get idle(): boolean {
    if (!this.#isJudged || !this.#journal.isSettled) return false;
    for (const { done } of this.crossings) if (!done) return false;
    for (const member of this.members.values()) {
      const { endOfRibDue, refresh, lap, detour } = member;
      if (endOfRibDue || refresh !== undefined || lap !== undefined || detour !== undefined)
        return false;
      if (!member.isAtEnd(this.#journal)) return false;
    }
    return true;
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
    this.members.set(member.id, member);
    member.moveToEnd(this.#journal);
    this.#repeat(member);
  }

  /** ROUTE-REFRESH: sends everything to a member once more. */
  resend(member: Member): void {
    if (member.enhancedRefresh) member.refresh = 'asked';
    else this.#repeat(member);
  }

  #repeat(member: Member): void {
    if (this.routes.sent.size === 0) return;
    if (member.detour === undefined) member.lap = this.#round.here;
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
    this.members.set(member.id, member);
    member.moveToEnd(this.#journal);
    detour.cross(this.#crossFrom(from, false));
    if (!detour.isOver) member.divert(detour);
  }

  /** The way from another group: one that leads to the present state, or a new one. */
  #crossFrom(from: UpdateGroup, alike: boolean): Crossing {
    for (const crossing of this.crossings) if (crossing.from === from) return crossing;
    return new Crossing(from, this, this.#table.prefixes, this.#inSlices, alike);
  }

  leave(member: Member): void {
    this.members.delete(member.id);
    for (const watcher of this.#watchersOf(member)) this.watchers.delete(watcher);
    member.takeDetour()?.close(this.#inSlices);
    this.#unpumped = this.#unpumped.filter((each) => each !== member);
  }

  /** Lets go of everything; the group has no members any more. */
  close(): void {
    this.#table.readers.delete(this);
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

  /** The port of a member takes bytes again. */
  drained(member: Member): void {
    member.blocked = false;
    this.#unpumped.push(member);
  }

  /** Writes what is pending until the clock passes `deadline`; true while more can be done. */
  run(now: () => number, deadline: number): boolean {
    for (;;) {
      if (!this.#pump(now, deadline)) return true;
      const worked = this.#produce(now, deadline);
      if (worked) this.#unpumped = [...this.members.values()];
      if (!this.#pump(now, deadline)) return true;
      if (!this.#trim() && !worked) return false;
      if (now() >= deadline) return true;
    }
  }

  /** One batch of everything that waits; false when there was nothing to do. */
  #produce(now: () => number, deadline: number): boolean {
    this.routes.begin();
    let worked = this.#serveCrossings(now, deadline);
    if (this.#serveDetours(now, deadline)) worked = true;
    if (this.#isThrottled()) return worked;
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
    const detours = [...this.members.values()].flatMap(({ detour }) => detour?.pending ?? []);
    const watchers = [...this.watchers];
    const crossings = [...this.crossings];
    let count = 0;
    while (count < BATCH && this.routes.packed < BATCH) {
      const prefix = this.#pending.take();
      if (prefix === 0) break;
      this.#batch = grownU32(this.#batch, count);
      this.#batch[count++] = prefix;
      // A prefix that is not decided yet is touched again when it is.
      if (this.#table.isUndecided(prefix)) continue;
      const changed = this.routes.update(prefix);
      for (const watcher of watchers) watcher.touch(prefix, changed);
      if (!changed) continue;
      for (const pending of detours) pending.add(prefix);
      for (const crossing of crossings) crossing.changed(prefix);
    }
    this.routes.flush(this.#journal, 'all');
    for (let i = 0; i < count; i++) prefixes.unpin(this.#batch[i] as number);
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
    const joiners = [...this.members.values()].filter(({ lap }) => lap !== undefined);
    if (joiners.length === 0 || joiners.every((member) => this.#isFarBehind(member))) return false;
    this.#round.step(this.routes, this.#table.prefixes.limit, BATCH);
    this.routes.flush(this.#journal, 'joiners');
    for (const member of joiners) {
      if (member.lap !== undefined && this.#round.hasPassed(member.lap))
        member.endLap(this.#journal);
    }
    return true;
  }

  /** Marks go to members that have been told everything else. */
  #serveMarks(): boolean {
    const isStill = this.#isJudged && this.#table.isDecided;
    let served = false;
    for (const member of this.members.values()) {
      if (member.lap !== undefined || member.detour !== undefined) continue;
      const mark = takeDueMark(member, isStill);
      if (mark === undefined) continue;
      if (mark === 'begin-refresh') this.#repeat(member);
      this.#journal.mark(member.id, this.#table.family, mark);
      served = true;
    }
    return served;
  }

  /** Members on a detour have their turns: whoever was served is the last of the next round. */
  #serveDetours(now: () => number, deadline: number): boolean {
    let served = false;
    for (const member of [...this.members.values()]) {
      const { detour } = member;
      if (detour === undefined || member.blocked) continue;
      if (served && now() >= deadline) break;
      this.members.delete(member.id);
      this.members.set(member.id, member);
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
    let served = false;
    for (const crossing of this.crossings) {
      if (crossing.to !== this || crossing.done) continue;
      this.routes.begin();
      served = true;
      while (crossing.step()) if (now() >= deadline) return true;
    }
    return served;
  }

  #pump(now: () => number, deadline: number): boolean {
    const members = this.#unpumped;
    for (let member = members.pop(); member !== undefined; member = members.pop()) {
      if (member.detour === undefined) member.pump(this.#journal);
      if (members.length > 0 && members.length % STRIDE === 0 && now() >= deadline) {
        return false;
      }
    }
    return true;
  }

  /**
   * Drops what everybody has read, a batch at a time, and returns true while more is left; whoever
   * holds back too much leaves the journal, one at a time.
   */
  #trim(): boolean {
    const { last } = this.#journal;
    let oldest = last;
    let settled = true;
    let diverted = false;
    for (const member of this.members.values()) {
      if (member.detour !== undefined) continue;
      if (!diverted && last - member.slab > MOST_BEHIND) {
        member.divert(this.#detourOf(member));
        diverted = true;
        continue;
      }
      if (member.slab < oldest) oldest = member.slab;
      if (!member.isAtEnd(this.#journal)) settled = false;
    }
    this.#journal.trim(oldest);
    return this.#journal.unpin(BATCH, settled);
  }

  /** What a member has not yet been told; it leaves the journal. */
  #detourOf(member: Member): Detour {
    const known = member.takeDetour();
    if (known !== undefined) return known;
    member.recallMarks(this.#journal);
    const { lap } = member;
    member.lap = undefined;
    const detour = new Detour(this.#table.prefixes);
    for (let number = member.slab; number <= this.#journal.last; number++) {
      const slab = this.#journal.slab(number);
      if (slab === undefined || member.isAtEnd(this.#journal)) break;
      for (let i = 0; i < slab.prefixCount; i++) detour.pending.add(slab.prefixes[i] as number);
    }
    if (lap !== undefined) detour.walk.begin();
    return detour;
  }

  #isThrottled(): boolean {
    let reading = 0;
    for (const member of this.members.values()) {
      if (member.detour !== undefined) continue;
      if (!this.#isFarBehind(member)) return false;
      reading++;
    }
    return reading > 0;
  }

  #isFarBehind({ blocked, slab }: Member): boolean {
    return blocked && this.#journal.last - slab >= MOST_AHEAD;
  }
}
