import type { Journal } from './journal.ts';
import { chunksOf, type Member, type MemberWatcher } from './member.ts';

/** Members written to between two looks at the clock. */
const STRIDE = 8;
/** Slabs that the fastest member may be behind before nothing more is written. */
const MOST_AHEAD = 16;

/**
 * The members of an update group, by what they wait for: a turn looks only at those that wait for
 * something. Who is in none of the sets has read the whole journal, or is pumped next.
 */
export class Roster implements MemberWatcher {
  readonly journal: Journal;
  readonly members: Map<number, Member> = new Map();
  /** Told by prefix, in the order of their turns. */
  readonly diverted: Set<Member> = new Set();
  /** The round walk has still to come to where they joined. */
  readonly lapping: Set<Member> = new Set();
  /** A mark is due. */
  readonly due: Set<Member> = new Set();
  /** Blocked before the end of the journal. */
  readonly stalled: Set<Member> = new Set();
  /** May write again, have a mark to write, or the clock stopped before their turn. */
  #unpumped: Member[] = [];
  /** Where the journal ended when everybody was pumped last. */
  #slab = -1;
  #chunks = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** True when every member has written all that it hears of, and waits for nothing. */
  get idle(): boolean {
    if (this.diverted.size + this.lapping.size + this.due.size + this.stalled.size > 0)
      return false;
    return this.#unpumped.every((member) => member.isAtEnd(this.journal));
  }

  /** True when all who read the journal are so far behind that more would only fill memory. */
  get isThrottled(): boolean {
    const reading = this.members.size - this.diverted.size;
    if (reading === 0 || this.stalled.size < reading) return false;
    for (const member of this.stalled) if (!this.#isFarBehind(member)) return false;
    return true;
  }

  /** True when a round walk would be written to someone who can take it. */
  get isLapping(): boolean {
    for (const member of this.lapping) if (!this.#isFarBehind(member)) return true;
    return false;
  }

  /** A member that stands at the end of the journal. */
  enter(member: Member): void {
    this.members.set(member.id, member);
    member.moveToEnd(this.journal);
    member.watcher = this;
    this.changed(member);
  }

  leave(member: Member): void {
    member.watcher = undefined;
    this.members.delete(member.id);
    for (const set of [this.diverted, this.lapping, this.due, this.stalled]) set.delete(member);
    if (this.#unpumped.length > 0)
      this.#unpumped = this.#unpumped.filter((each) => each !== member);
  }

  changed(member: Member): void {
    keep(this.diverted, member, member.detour !== undefined);
    keep(this.lapping, member, member.lap !== undefined);
    keep(this.due, member, member.isMarkDue);
    if (member.detour !== undefined) this.stalled.delete(member);
  }

  /** Of those on a detour, it has its next turn last. */
  putLast(member: Member): void {
    this.diverted.delete(member);
    this.diverted.add(member);
  }

  /** The port of a member takes bytes again. */
  drained(member: Member): void {
    member.blocked = false;
    this.pumpSoon(member);
  }

  /** It has something of its own to write. */
  pumpSoon(member: Member): void {
    this.#unpumped.push(member);
  }

  /** Has everybody write what was added to the journal; false when the clock passed `deadline`. */
  pumpAll(now: () => number, deadline: number): boolean {
    const { last } = this.journal;
    const chunks = chunksOf(this.journal, last);
    if (this.#slab === last && this.#chunks === chunks) return true;
    this.#slab = last;
    this.#chunks = chunks;
    let count = 0;
    let late = false;
    for (const member of this.members.values()) {
      if (late) {
        this.#unpumped.push(member);
        continue;
      }
      this.#pump(member);
      if (++count % STRIDE === 0) late = now() >= deadline;
    }
    return !late;
  }

  /** Goes on with those whose turn has not come yet; false when the clock passed `deadline`. */
  pumpRest(now: () => number, deadline: number): boolean {
    const members = this.#unpumped;
    for (let member = members.pop(); member !== undefined; member = members.pop()) {
      this.#pump(member);
      if (members.length > 0 && members.length % STRIDE === 0 && now() >= deadline) return false;
    }
    return true;
  }

  #pump(member: Member): void {
    if (member.detour !== undefined) return;
    member.pump(this.journal);
    if (member.blocked && !member.isAtEnd(this.journal)) this.stalled.add(member);
    else if (this.stalled.size > 0) this.stalled.delete(member);
  }

  #isFarBehind({ blocked, slab }: Member): boolean {
    return blocked && this.journal.last - slab >= MOST_AHEAD;
  }
}

function keep(set: Set<Member>, member: Member, isIn: boolean): void {
  if (isIn) set.add(member);
  else set.delete(member);
}
