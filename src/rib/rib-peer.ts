import { FAMILIES, type Family } from '../net/family.ts';
import { groupProfile } from './group-key.ts';
import { ImportRules } from './import-rules.ts';
import { Member } from './member.ts';
import { PathWork, retireSource } from './path-work.ts';
import { Receiver } from './receiver.ts';
import type { RibState } from './rib-state.ts';
import type { Source } from './source.ts';
import type {
  CrossedLimit,
  GroupStatus,
  PeerCounts,
  PrefixLimit,
  RibPeer,
  RibPeerSettings,
  RibSession,
  UpdateOutcome,
} from './types.ts';
import type { UpdateGroup } from './update-group.ts';

const NO_LIMITS: readonly CrossedLimit[] = [];

/** A peer's place in the update groups of one family. */
export interface Seat {
  readonly member: Member;
  group: UpdateGroup;
}

/** What lasts as long as a session. */
interface Live {
  readonly session: RibSession;
  readonly receiver: Receiver;
  readonly seats: Map<Family, Seat>;
  readonly endOfRibReceived: Set<Family>;
}

/** The RIB's side of a peer. */
export class PeerTable implements RibPeer {
  readonly name: string;
  readonly #state: RibState;
  readonly #rules: ImportRules;
  readonly #removed: () => void;
  #settings: RibPeerSettings;
  #source: Source | undefined;
  #live: Live | undefined;

  constructor(name: string, settings: RibPeerSettings, state: RibState, removed: () => void) {
    this.name = name;
    this.#settings = settings;
    this.#state = state;
    this.#rules = new ImportRules(state);
    this.#removed = removed;
  }

  get settings(): RibPeerSettings {
    return this.#settings;
  }

  /** Undefined before the first session. */
  get source(): Source | undefined {
    return this.#source;
  }

  up(session: RibSession): void {
    const source = this.#sourceFor(session);
    const receiver = new Receiver(this.#state, session, source);
    const seats = new Map<Family, Seat>();
    this.#live = { session, receiver, seats, endOfRibReceived: new Set() };
    this.#state.nextHops.setReceiver(session.remoteAddress, source.id, 'present');
    for (const family of session.families) {
      source.paths[family].addPath = session.receive.addPath.includes(family);
      const member = new Member(source.id, session);
      const profile = this.#profile(family, session);
      seats.set(family, { member, group: this.#state.groups[family].join(member, profile) });
    }
    this.#state.schedule();
  }

  down(keep: readonly Family[]): void {
    const live = this.#live;
    const source = this.#source;
    if (live === undefined || source === undefined) return;
    this.#live = undefined;
    live.receiver.end();
    for (const [family, { member, group }] of live.seats) {
      this.#state.groups[family].leave(member, group);
    }
    this.#state.nextHops.setReceiver(live.session.remoteAddress, source.id, 'gone');
    if (keep.length === 0) {
      this.#retire();
      return;
    }
    for (const family of FAMILIES) {
      const work = new PathWork(this.#state, family, source);
      work.markStale();
      if (!keep.includes(family)) work.sweepStale();
    }
  }

  sweepStale(families: readonly Family[]): void {
    for (const family of families) this.#work(family)?.sweepStale();
  }

  keepLongLived(family: Family): void {
    this.#work(family)?.keepLongLived();
  }

  receiveUpdate(bytes: Buffer, start: number, end: number): UpdateOutcome {
    if (this.#live === undefined) throw new Error(`peer ${this.name} has no session`);
    const outcome = this.#live.receiver.receive(bytes, start, end, this.#settings);
    if (outcome.endOfRib !== undefined) this.#live.endOfRibReceived.add(outcome.endOfRib);
    this.#state.schedule();
    return outcome;
  }

  flush(): void {
    this.#state.flush();
  }

  takeRoom(): readonly Family[] {
    return this.#live?.receiver.takeRoom(this.#settings.prefixLimit) ?? [];
  }

  resend(family: Family): void {
    const seat = this.#live?.seats.get(family);
    seat?.group.resend(seat.member);
    this.#state.schedule();
  }

  beginRefresh(family: Family): void {
    this.#work(family)?.beginRefresh();
  }

  endRefresh(family: Family): void {
    this.#work(family)?.sweepRefreshed();
  }

  drained(): void {
    for (const { group, member } of this.#live?.seats.values() ?? []) group.roster.drained(member);
    this.#state.schedule();
  }

  configure(settings: RibPeerSettings): readonly CrossedLimit[] {
    const before = this.#settings;
    this.#settings = settings;
    const source = this.#source;
    if (source === undefined) return NO_LIMITS;
    const client = settings.reflectorClient !== source.client;
    source.client = settings.reflectorClient;
    const judged =
      settings.importPolicy.key !== before.importPolicy.key ||
      settings.allowOwnAs !== before.allowOwnAs ||
      settings.asSet !== before.asSet ||
      settings.gracefulShutdown !== before.gracefulShutdown;
    for (const family of FAMILIES) {
      if (judged) this.#work(family)?.rejudge(this.#rules, () => this.#settings);
      if (client) this.#work(family)?.touch();
    }
    for (const [family, seat] of this.#live?.seats ?? []) {
      const { session } = this.#live as Live;
      const groups = this.#state.groups[family];
      seat.group = groups.move(seat.member, seat.group, this.#profile(family, session));
    }
    this.#state.schedule();
    return this.#limit(before.prefixLimit, settings.prefixLimit);
  }

  /** A lower limit holds for what is there already: a blocking one takes away what came last. */
  #limit(before: PrefixLimit | undefined, limit: PrefixLimit | undefined): readonly CrossedLimit[] {
    if (before?.max === limit?.max && before?.action === limit?.action) return NO_LIMITS;
    const crossed = this.#live?.receiver.limit(limit) ?? NO_LIMITS;
    for (const { family, action, max } of crossed) {
      if (action === 'block') this.#work(family)?.trim(max);
    }
    return crossed;
  }

  remove(): void {
    this.down([]);
    this.#retire();
    this.#removed();
  }

  counts(family: Family): PeerCounts {
    const paths = this.#source?.paths[family];
    const seat = this.#live?.seats.get(family);
    const received = paths?.rows ?? 0;
    const accepted = paths?.accepted ?? 0;
    return {
      received,
      accepted,
      rejected: received - accepted,
      advertised: seat?.group.advertised(seat.member) ?? 0,
      stale: paths?.stale ?? 0,
      endOfRibSent: seat?.member.endOfRibSent ?? false,
      endOfRibReceived: this.#live?.endOfRibReceived.has(family) ?? false,
    };
  }

  group(family: Family): GroupStatus | undefined {
    const seat = this.#live?.seats.get(family);
    return seat && this.#state.groups[family].status(seat.group);
  }

  /** Where the peer sits, for queries. */
  seat(family: Family): Seat | undefined {
    return this.#live?.seats.get(family);
  }

  #profile(family: Family, session: RibSession): ReturnType<typeof groupProfile> {
    const reflects = this.#state.clusterId !== undefined;
    return groupProfile(family, session, this.#settings, reflects);
  }

  /** The source of this session: the last one's, unless the peer has become another. */
  #sourceFor({ kind, remoteId, remoteAsn, role, remoteAddress }: RibSession): Source {
    const known = this.#source;
    if (known !== undefined) {
      const same =
        known.session === kind &&
        known.remoteId === remoteId &&
        known.remoteAsn === remoteAsn &&
        known.role === role &&
        Buffer.compare(known.address, remoteAddress) === 0;
      if (same) return known;
      this.#retire();
    }
    this.#source = this.#state.sources.add({
      name: this.name,
      session: kind,
      remoteId,
      remoteAsn,
      role,
      address: Uint8Array.from(remoteAddress),
      client: this.#settings.reflectorClient,
    });
    return this.#source;
  }

  /** Whatever came from the peer so far goes, in slices; what it sends next is another source's. */
  #retire(): void {
    if (this.#source !== undefined) retireSource(this.#state, this.#source);
    this.#source = undefined;
  }

  #work(family: Family): PathWork | undefined {
    return this.#source && new PathWork(this.#state, family, this.#source);
  }
}
