import { grownU32 } from './columns.ts';
import type { ExportTables } from './export-rules.ts';
import type { BestPathReader, FamilyTable } from './family-table.ts';
import type { GroupProfile } from './group-key.ts';
import { GroupTable } from './group-table.ts';
import { Journal } from './journal.ts';
import type { Mark } from './mark.ts';
import type { Member } from './member.ts';
import { PrefixSet } from './prefix-set.ts';

/** Changes packed together at most. */
const BATCH = 4096;
/** Ids looked at in one step of the round walk for joiners. */
const WALK = 32768;
/** Members written to between two looks at the clock. */
const STRIDE = 8;
/** Slabs that the fastest member may be behind before nothing more is written. */
const MOST_AHEAD = 16;
/** Slabs that a member may be behind before it leaves the journal. */
const MOST_BEHIND = 64;
/** Prefixes that a member on a detour is told at a time. */
const DETOUR = 1024;

/** Whoever follows what one member is sent. */
export interface SentWatcher {
  readonly member: Member;
  /** A prefix was judged; with `changed`, something other than before is sent for it. */
  touch(prefix: number, changed: boolean): void;
  /** The member came to another group: anything may have changed. */
  touchAll(): void;
}

/** What another group, in the state of a version, has sent otherwise. */
interface Comparison {
  readonly id: number;
  readonly version: number;
  readonly differences: readonly number[];
}

/**
 * Peers whose output is byte for byte the same. Follows the best paths, writes each change once
 * into a journal and hands the same buffers to every member. A member that falls behind leaves the
 * journal for a set of prefixes, is told their present state and comes back.
 */
export class UpdateGroup implements BestPathReader {
  readonly id: number;
  readonly profile: GroupProfile;
  readonly members: Map<number, Member> = new Map();
  readonly watchers: Set<SentWatcher> = new Set();
  readonly routes: GroupTable;
  readonly #table: FamilyTable;
  readonly #pending: PrefixSet;
  readonly #journal: Journal;
  #batch: Uint32Array = new Uint32Array(64);
  /** The round walk: id next looked at, and how often it began. */
  #walk = 1;
  #round = 0;
  #unpumped: Member[] = [];
  /** Grows with every change of what was sent. */
  #version = 0;
  /** What the group compared last, by id and version, has sent otherwise; none changed since. */
  #compared: Comparison | undefined;

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
    this.routes = new GroupTable(profile, table, tables, this.members, origin?.routes);
    this.#journal = new Journal(table.prefixes);
    this.#pending = new PrefixSet(table.prefixes);
    this.#compared = origin && { id: origin.id, version: origin.#version, differences: [] };
    this.touchAll();
    table.readers.add(this);
  }

  touch(prefix: number): void {
    this.#pending.add(prefix);
  }

  /** Everything must be judged again. */
  touchAll(): void {
    const { prefixes } = this.#table;
    for (let id = 1; id < prefixes.limit; id++) if (prefixes.has(id)) this.#pending.add(id);
  }

  /** Prefixes to be judged, octets of the journal, and members told by prefix. */
  get waiting(): { readonly pending: number; readonly bytes: number; readonly detours: number } {
    const detours = [...this.members.values()].filter(({ detour }) => detour !== undefined).length;
    return { pending: this.#pending.size, bytes: this.#journal.bytes, detours };
  }

  /** True when nothing is pending and every member has written all that it hears of. */
  get idle(): boolean {
    if (this.#pending.size > 0) return false;
    for (const member of this.members.values()) {
      const { endOfRibDue, refresh, lap, detour } = member;
      if (endOfRibDue || refresh !== undefined || lap !== undefined || detour !== undefined)
        return false;
      if (!member.isAtEnd(this.#journal)) return false;
    }
    return true;
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
    if (member.detour === undefined) member.lap = { round: this.#round, prefix: this.#walk };
    else this.#missEverything(member.detour.pending);
  }

  /** Takes over a member of another group; of what it was sent there only differences are sent. */
  adopt(member: Member, from: UpdateGroup): void {
    const missed = from.#unreadOf(member);
    for (const watcher of from.#watchersOf(member)) {
      this.watchers.add(watcher);
      watcher.touchAll();
    }
    from.leave(member);
    this.members.set(member.id, member);
    member.moveToEnd(this.#journal);
    for (const prefix of this.#differencesFrom(from)) missed.add(prefix);
    if (missed.size > 0) member.divert(missed, this.#table.prefixes);
  }

  /** Prefixes that another group has sent otherwise; found once for all members that come from it. */
  #differencesFrom(from: UpdateGroup): readonly number[] {
    if (this.#compared?.id === from.id && this.#compared.version === from.#version) {
      return this.#compared.differences;
    }
    const differences: number[] = [];
    this.routes.begin();
    for (let prefix = 1; prefix < this.#table.prefixes.limit; prefix++) {
      if (this.routes.differs(prefix, from.routes)) differences.push(prefix);
    }
    this.#compared = { id: from.id, version: from.#version, differences };
    return differences;
  }

  leave(member: Member): void {
    this.members.delete(member.id);
    for (const watcher of this.#watchersOf(member)) this.watchers.delete(watcher);
    member.detour?.pending.clear();
    this.#unpumped = this.#unpumped.filter((each) => each !== member);
  }

  /** Lets go of everything; the group has no members any more. */
  close(): void {
    this.#table.readers.delete(this);
    this.routes.close();
    this.#pending.clear();
    this.#journal.trim(this.#journal.last + 1);
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
      this.#trim();
      if (!worked) return false;
      if (now() >= deadline) return true;
    }
  }

  /** One batch of everything that waits; false when there was nothing to do. */
  #produce(now: () => number, deadline: number): boolean {
    this.routes.begin();
    let worked = this.#serveDetours(now, deadline);
    if (this.#isThrottled()) return worked;
    if (this.#pending.size > 0) {
      this.#update();
      worked = true;
    }
    if (this.#serveJoiners()) worked = true;
    if (this.#serveMarks()) worked = true;
    return worked;
  }

  #update(): void {
    this.#version++;
    this.#compared = undefined;
    const { prefixes } = this.#table;
    const detours = [...this.members.values()].flatMap(({ detour }) => detour?.pending ?? []);
    const watchers = [...this.watchers];
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
    }
    this.routes.flush(this.#journal, 'all');
    for (let i = 0; i < count; i++) prefixes.unpin(this.#batch[i] as number);
  }

  #watchersOf(member: Member): readonly SentWatcher[] {
    return [...this.watchers].filter((watcher) => watcher.member === member);
  }

  /** Walks on through the table for members that joined; what it writes is for all of them. */
  #serveJoiners(): boolean {
    const joiners = [...this.members.values()].filter(({ lap }) => lap !== undefined);
    if (joiners.length === 0 || joiners.every((member) => this.#isFarBehind(member))) return false;
    const { limit } = this.#table.prefixes;
    const end = Math.min(limit, this.#walk + WALK);
    while (this.#walk < end && this.routes.packed < BATCH) this.routes.repeat(this.#walk++);
    if (this.#walk >= limit) {
      this.#walk = 1;
      this.#round++;
    }
    this.routes.flush(this.#journal, 'joiners');
    for (const member of joiners) {
      if (member.lap !== undefined && this.#hasPassed(member.lap)) member.endLap(this.#journal);
    }
    return true;
  }

  #hasPassed({ round, prefix }: { round: number; prefix: number }): boolean {
    return this.#round > round + 1 || (this.#round === round + 1 && this.#walk >= prefix);
  }

  /** Marks go to members that have been told everything else. */
  #serveMarks(): boolean {
    let served = false;
    for (const member of this.members.values()) {
      if (member.lap !== undefined || member.detour !== undefined) continue;
      const mark = this.#markFor(member);
      if (mark === undefined) continue;
      this.#journal.mark(member.id, this.#table.family, mark);
      served = true;
    }
    return served;
  }

  /**
   * The mark that is due to a member, taken as served. End-of-RIB stands behind everything that was
   * to be sent when the table was last still, and before any BoRR (RFC 7313 §4).
   */
  #markFor(member: Member): Mark | undefined {
    if (member.endOfRibDue) {
      if (this.#pending.size > 0 || !this.#table.isDecided) return undefined;
      member.endOfRibDue = false;
      member.endOfRibSent = true;
      return 'end-of-rib';
    }
    if (member.refresh === 'asked') {
      member.refresh = 'begun';
      this.#repeat(member);
      return 'begin-refresh';
    }
    if (member.refresh === undefined) return undefined;
    member.refresh = undefined;
    return 'end-refresh';
  }

  /** Members on a detour have their turns: whoever was served is the last of the next round. */
  #serveDetours(now: () => number, deadline: number): boolean {
    let served = false;
    for (const member of [...this.members.values()]) {
      if (member.detour === undefined || member.blocked) continue;
      if (served && now() >= deadline) break;
      this.members.delete(member.id);
      this.members.set(member.id, member);
      if (this.#serveDetour(member)) served = true;
    }
    return served;
  }

  /** Tells a member the present state of prefixes that it missed; at the end it comes back. */
  #serveDetour(member: Member): boolean {
    const { detour } = member;
    if (detour === undefined) return false;
    const { pending, journal } = detour;
    const { prefixes } = this.#table;
    const taken: number[] = [];
    const early: number[] = [];
    while (taken.length + early.length < DETOUR) {
      const prefix = pending.take();
      if (prefix === 0) break;
      const waits = this.#pending.has(prefix) || this.#table.isUndecided(prefix);
      (waits ? early : taken).push(prefix);
      if (!waits) this.routes.correct(prefix, member.id);
    }
    this.routes.flush(journal, member.id);
    member.writeDetour();
    for (const prefix of early) pending.add(prefix);
    for (const prefix of [...taken, ...early]) prefixes.unpin(prefix);
    if (pending.size === 0) member.rejoin(this.#journal);
    return taken.length > 0;
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

  /** Drops what everybody has read; whoever holds back too much leaves the journal. */
  #trim(): void {
    const { last } = this.#journal;
    let oldest = last;
    let settled = true;
    for (const member of this.members.values()) {
      if (member.detour !== undefined) continue;
      if (last - member.slab > MOST_BEHIND) {
        member.divert(this.#unreadOf(member), this.#table.prefixes);
        continue;
      }
      if (member.slab < oldest) oldest = member.slab;
      if (!member.isAtEnd(this.#journal)) settled = false;
    }
    this.#journal.trim(oldest);
    if (settled) this.#journal.settle();
  }

  /** Prefixes of which a member has not yet written everything; it leaves the journal. */
  #unreadOf(member: Member): PrefixSet {
    const diverted = member.takeDetour();
    if (diverted !== undefined) return diverted;
    member.recallMarks(this.#journal);
    const missed = new PrefixSet(this.#table.prefixes);
    for (let number = member.slab; number <= this.#journal.last; number++) {
      const slab = this.#journal.slab(number);
      if (slab === undefined || member.isAtEnd(this.#journal)) break;
      for (let i = 0; i < slab.prefixCount; i++) missed.add(slab.prefixes[i] as number);
    }
    if (member.lap !== undefined) this.#missEverything(missed);
    return missed;
  }

  #missEverything(missed: PrefixSet): void {
    const { sent } = this.routes;
    for (let prefix = 1; prefix < this.#table.prefixes.limit; prefix++) {
      if (sent.head(prefix) !== 0) missed.add(prefix);
    }
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
