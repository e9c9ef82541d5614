import type { Family } from '../net/family.ts';
import type { Detour } from './detour.ts';
import { type Audience, type Chunk, type Journal, pieceOf, type Slab } from './journal.ts';
import { encodeMark, type Mark } from './mark.ts';
import type { OutputPort, RibSession } from './types.ts';

/** Where the round walk over the table stood when a member joined. */
export interface Lap {
  readonly round: number;
  readonly prefix: number;
}

/** A mark that stands before a chunk of the journal, for one member alone. */
interface PlacedMark {
  readonly mark: Mark;
  readonly bytes: Buffer;
  readonly slab: number;
  readonly chunk: number;
}

type MemberSession = Pick<RibSession, 'output' | 'enhancedRefresh'>;

/** Keeps track of what members wait for. */
export interface MemberWatcher {
  /** Its lap, its detour or the marks due to it changed. */
  changed(member: Member): void;
}

/** One peer's place in an update group: a reader of the group's journal. */
export class Member {
  /** The peer's source id; chunks name it. */
  readonly id: number;
  /** The port takes no more until it says so. */
  blocked = false;
  watcher: MemberWatcher | undefined;
  /** What is sent once more stands between BoRR and EoRR. */
  readonly enhancedRefresh: boolean;
  readonly #port: OutputPort;
  #lap: Lap | undefined;
  #detour: Detour | undefined;
  #endOfRibDue = true;
  #endOfRibSent = false;
  /** The peer is to be sent everything once more (RFC 7313 §4): BoRR is due, or EoRR is. */
  #refresh: 'asked' | 'begun' | undefined;
  #slab = 0;
  #chunk = 0;
  /** Not written yet, in the order of their places. */
  readonly #marks: PlacedMark[] = [];
  /** Chunks for joiners are for this member up to here, though its lap is over. */
  #lapSlab = -1;
  #lapChunk = 0;

  constructor(id: number, { output, enhancedRefresh }: MemberSession) {
    this.id = id;
    this.#port = output;
    this.enhancedRefresh = enhancedRefresh;
  }

  /** Undefined once the whole table was written. */
  get lap(): Lap | undefined {
    return this.#lap;
  }

  /** Undefined while the member reads the journal. */
  get detour(): Detour | undefined {
    return this.#detour;
  }

  get endOfRibSent(): boolean {
    return this.#endOfRibSent;
  }

  get isMarkDue(): boolean {
    return this.#endOfRibDue || this.#refresh !== undefined;
  }

  /** The slab of the journal that is read next. */
  get slab(): number {
    return this.#slab;
  }

  /** Stands at the end of the journal: hears of nothing that was written before. */
  moveToEnd(journal: Journal): void {
    this.#slab = journal.last;
    this.#chunk = chunksOf(journal, this.#slab);
    this.#lapSlab = -1;
  }

  isAtEnd(journal: Journal): boolean {
    if (this.#marks.length > 0) return false;
    return this.#slab >= journal.last && this.#chunk >= chunksOf(journal, this.#slab);
  }

  beginLap(lap: Lap): void {
    this.#lap = lap;
    this.watcher?.changed(this);
  }

  /** The walk has gone round: what it wrote so far is all. */
  endLap(journal: Journal): void {
    this.#lap = undefined;
    this.#lapSlab = journal.last;
    this.#lapChunk = chunksOf(journal, this.#lapSlab);
    this.watcher?.changed(this);
  }

  /** The peer asked to be sent everything once more, and knows BoRR. */
  askRefresh(): void {
    this.#refresh = 'asked';
    this.watcher?.changed(this);
  }

  /**
   * Puts the mark that is due behind everything in the journal, which is all that the member has to be
   * told. End-of-RIB stands behind everything that was to be sent when the table was last still, and
   * before any BoRR (RFC 7313 §4).
   */
  placeMark(journal: Journal, family: Family, isStill: boolean): Mark | undefined {
    const mark = this.#dueMark;
    if (mark === undefined || (mark === 'end-of-rib' && !isStill)) return undefined;
    journal.seal();
    const slab = journal.last;
    const bytes = encodeMark(family, mark);
    this.#marks.push({ mark, bytes, slab, chunk: chunksOf(journal, slab) });
    if (mark === 'end-of-rib') {
      this.#endOfRibDue = false;
      this.#endOfRibSent = true;
    } else this.#refresh = mark === 'begin-refresh' ? 'begun' : undefined;
    this.watcher?.changed(this);
    return mark;
  }

  get #dueMark(): Mark | undefined {
    if (this.#endOfRibDue) return 'end-of-rib';
    if (this.#refresh === undefined) return undefined;
    return this.#refresh === 'asked' ? 'begin-refresh' : 'end-refresh';
  }

  /** Writes what the journal holds for this member, as long as the port takes it. */
  pump(journal: Journal): void {
    for (let placed = this.#marks[0]; placed !== undefined; placed = this.#marks[0]) {
      this.#read(journal, placed.slab, placed.chunk);
      if (this.blocked) return;
      this.#marks.shift();
      this.#writeMark(placed);
    }
    const { last } = journal;
    this.#read(journal, last, chunksOf(journal, last));
  }

  /** Leaves the journal: marks that are not written are due again. True if its lap is cut short. */
  leaveJournal(): boolean {
    for (const { mark } of this.#marks.splice(0)) this.#recall(mark);
    const isCutShort = this.#lap !== undefined;
    this.#lap = undefined;
    this.watcher?.changed(this);
    return isCutShort;
  }

  #recall(mark: Mark): void {
    if (mark === 'end-of-rib') {
      this.#endOfRibDue = true;
      this.#endOfRibSent = false;
    } else if (mark === 'begin-refresh') this.#refresh = 'asked';
    else this.#refresh ??= 'begun';
  }

  /** From now on it is told by prefix what it missed. */
  divert(detour: Detour): void {
    this.#detour = detour;
    this.watcher?.changed(this);
  }

  /** Gives up the detour and hands over what it still had to say. */
  takeDetour(): Detour | undefined {
    const detour = this.#detour;
    this.#detour = undefined;
    this.watcher?.changed(this);
    return detour;
  }

  /** Writes the messages made for this member alone; the port queues them all. */
  writeDetour(): void {
    const journal = this.#detour?.journal;
    if (journal === undefined) return;
    for (let number = journal.first; number <= journal.last; number++) {
      const slab = journal.slab(number);
      const messages = slab?.chunks.reduce((sum, chunk) => sum + chunk.messages, 0) ?? 0;
      if (slab === undefined || messages === 0) continue;
      const bytes = slab.bytes.subarray(0, slab.used);
      if (!this.#port.write(bytes, messages, 'update')) this.blocked = true;
    }
    journal.clear();
  }

  /** The detour is over: reads the journal again, from its end. */
  rejoin(journal: Journal): void {
    this.moveToEnd(journal);
    this.#detour = undefined;
    this.watcher?.changed(this);
  }

  /** Goes on to a place in the journal, as long as the port takes it. */
  #read(journal: Journal, toSlab: number, toChunk: number): void {
    while (!this.blocked) {
      const slab = journal.slab(this.#slab);
      if (slab === undefined) return;
      const { chunks } = slab;
      const end = this.#slab < toSlab ? chunks.length : toChunk;
      while (this.#chunk < end && !this.blocked) {
        const first = chunks[this.#chunk] as Chunk;
        if (!this.#belongsTo(first.audience)) {
          this.#chunk = Math.min(end, first.run.end);
          continue;
        }
        this.#chunk++;
        if (!first.except.includes(this.id)) this.#write(slab, first, end);
      }
      if (this.#chunk < end || this.#slab >= toSlab) return;
      this.#slab++;
      this.#chunk = 0;
    }
  }

  /** Writes a chunk and those right behind it, before `to`, that are for this member, in one piece. */
  #write(slab: Slab, first: Chunk, to: number): void {
    const { chunks } = slab;
    let { end, messages } = first;
    for (; this.#chunk < to; this.#chunk++) {
      const next = chunks[this.#chunk] as Chunk;
      if (!this.#hears(next)) break;
      end = next.end;
      messages += next.messages;
    }
    const bytes = pieceOf(slab, first.start, end);
    if (!this.#port.write(bytes, messages, 'update')) this.blocked = true;
  }

  #writeMark({ mark, bytes }: PlacedMark): void {
    const kind = mark === 'end-of-rib' ? 'update' : 'route-refresh';
    if (!this.#port.write(bytes, 1, kind)) this.blocked = true;
  }

  #hears({ audience, except }: Chunk): boolean {
    return this.#belongsTo(audience) && !except.includes(this.id);
  }

  #belongsTo(audience: Audience): boolean {
    if (audience === 'joiners') return this.#isLapping();
    return audience === 'all' || audience === this.id;
  }

  #isLapping(): boolean {
    if (this.#lap !== undefined || this.#slab < this.#lapSlab) return true;
    return this.#slab === this.#lapSlab && this.#chunk < this.#lapChunk;
  }
}

export const chunksOf = (journal: Journal, number: number): number =>
  journal.slab(number)?.chunks.length ?? 0;
