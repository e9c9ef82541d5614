import { FAMILIES, type Family } from '../net/family.ts';
import { grownU16 } from './columns.ts';
import { attributesOf } from './export-rules.ts';
import type { FamilyTable } from './family-table.ts';
import type { Member } from './member.ts';
import { PrefixSet } from './prefix-set.ts';
import type { PeerTable, Seat } from './rib-peer.ts';
import type { RibState } from './rib-state.ts';
import type { SentWatcher } from './sent-watcher.ts';
import { STRETCH, TableWalk } from './table-walk.ts';
import type { SentChange, SentPath, SentReader, SentStage } from './types.ts';

/**
 * Hands out what one session is sent by prefix, each in its present state. It holds how many paths
 * of each prefix it told: whoever is told anew is told all of them.
 */
export class SentRoutes implements SentReader {
  readonly #seats: ReadonlyMap<Family, FollowedSeat>;

  constructor(state: RibState, peer: PeerTable, stage: SentStage, wake: () => void) {
    const seats = new Map<Family, FollowedSeat>();
    for (const family of FAMILIES) {
      const seat = peer.seat(family);
      if (seat === undefined) continue;
      const isThere = (): boolean => peer.seat(family) === seat;
      seats.set(family, new FollowedSeat(state, family, seat, stage, isThere, wake));
    }
    this.#seats = seats;
  }

  get idle(): boolean {
    return [...this.#seats.values()].every((seat) => seat.idle);
  }

  next(): SentChange | undefined {
    for (const seat of this.#seats.values()) {
      const change = seat.next();
      if (change !== undefined) return change;
    }
    return undefined;
  }

  told(family: Family): number {
    return this.#seats.get(family)?.told ?? 0;
  }

  close(): void {
    for (const seat of this.#seats.values()) seat.close();
  }
}

/** One member's place in the update groups of one family, wherever it moves. */
class FollowedSeat implements SentWatcher {
  readonly member: Member;
  /** Paths told and not taken back. */
  told = 0;
  readonly #state: RibState;
  readonly #table: FamilyTable;
  readonly #seat: Seat;
  readonly #stage: SentStage;
  readonly #isThere: () => boolean;
  readonly #wake: () => void;
  readonly #pending: PrefixSet;
  readonly #walk: TableWalk;
  /** Paths told, by prefix. */
  #counts: Uint16Array = new Uint16Array(16);

  constructor(
    state: RibState,
    family: Family,
    seat: Seat,
    stage: SentStage,
    isThere: () => boolean,
    wake: () => void,
  ) {
    this.member = seat.member;
    this.#state = state;
    this.#table = state.families[family];
    this.#seat = seat;
    this.#stage = stage;
    this.#isThere = isThere;
    this.#wake = wake;
    this.#pending = new PrefixSet(this.#table.prefixes);
    this.#walk = new TableWalk(this.#table.prefixes);
    this.#walk.begin();
    seat.group.watchers.add(this);
  }

  get idle(): boolean {
    return (this.#pending.size === 0 && this.#walk.done) || !this.#isThere();
  }

  /** What is not sent differently may be another before policy, or have been told in another group. */
  touch(prefix: number, changed: boolean): void {
    if (!changed && this.#stage === 'post-policy' && this.#walk.done) return;
    const first = this.#pending.size === 0;
    this.#pending.add(prefix);
    if (first) this.#wake();
  }

  touchAll(): void {
    this.#walk.begin();
    this.#wake();
  }

  next(): SentChange | undefined {
    if (!this.#isThere()) return undefined;
    const { prefixes } = this.#table;
    if (this.#pending.size === 0) this.#walk.gather(this.#pending);
    for (let looked = 0; looked < STRETCH; looked++) {
      const id = this.#pending.take();
      if (id === 0) return undefined;
      const change = this.#change(id);
      prefixes.unpin(id);
      if (change !== undefined) return change;
    }
    return undefined;
  }

  close(): void {
    this.#seat.group.watchers.delete(this);
    this.#state.inSlices(() => this.#pending.drop(STRETCH));
  }

  #change(prefix: number): SentChange | undefined {
    const { prefixes, family } = this.#table;
    // Before policy, a prefix that is not decided yet is touched again when it is.
    if (this.#stage === 'pre-policy' && this.#table.isUndecided(prefix)) return undefined;
    const present = [
      ...(this.#stage === 'post-policy' ? this.#sent(prefix) : this.#offered(prefix)),
    ];
    const before = this.#counts[prefix] ?? 0;
    if (present.length === 0 && before === 0) return undefined;
    const gone = before === 0 ? [] : this.#otherSlots(prefix, present);
    this.#counts = grownU16(this.#counts, prefix);
    this.#counts[prefix] = present.length;
    this.told += present.length - before;
    return { family, prefix: prefixes.prefix(prefix), paths: [...gone, ...present] };
  }

  *#sent(prefix: number): Generator<SentPath> {
    const { routes } = this.#seat.group;
    for (const { slot, out } of routes.sentTo(this.member, prefix)) {
      yield { pathId: slot, attributes: routes.attributes(out) };
    }
  }

  /** What the export policy is asked about. */
  *#offered(prefix: number): Generator<SentPath> {
    const { paths, prefixes, decision } = this.#table;
    const { sources, records } = this.#state;
    const { profile, routes } = this.#seat.group;
    let row = prefixes.decisions[prefix] === 0 ? 0 : (prefixes.heads[prefix] as number);
    for (; row !== 0; row = profile.addPath ? (paths.next[row] as number) : 0) {
      if (!decision.eligible(row) || !routes.rules.offers(row)) continue;
      const { except } = sources.get(paths.sources[row] as number);
      if (except.includes(this.member.id)) continue;
      const pathId = profile.addPath ? (paths.slots[row] as number) : 0;
      yield { pathId, attributes: attributesOf(records, paths.effective[row] as number) };
    }
  }

  /** Slots that may have been told, and are not to be any more. */
  #otherSlots(prefix: number, present: readonly SentPath[]): readonly SentPath[] {
    const { addPath } = this.#seat.group.profile;
    const last = addPath ? (this.#table.prefixes.slots[prefix] as number) : 0;
    const gone: SentPath[] = [];
    for (let pathId = Math.min(1, last); pathId <= last; pathId++) {
      if (present.some((path) => path.pathId === pathId)) continue;
      gone.push({ pathId, attributes: undefined });
    }
    return gone;
  }
}
