import type { Family } from '../net/family.ts';
import { writeAttributeKey } from '../wire/attribute-key.ts';
import type { AttributeRemedy } from '../wire/attributes/attribute-row.ts';
import { decodeAttributes } from '../wire/decode-attributes.ts';
import type { MessageError } from '../wire/errors.ts';
import { scanUpdate, UpdateScan } from '../wire/update-scan.ts';
import type { DecodeContext } from './decode-context.ts';
import type { FamilyTable, PathContent } from './family-table.ts';
import { ImportRules, type ImportTables } from './import-rules.ts';
import { NlriBatch } from './nlri-batch.ts';
import { REPAIRED } from './record-columns.ts';
import type { Source } from './source.ts';
import type {
  CrossedLimit,
  PrefixLimit,
  RibPeerSettings,
  RibSession,
  UpdateOutcome,
} from './types.ts';

/** What receiving reads and writes of the RIB. */
export interface ReceiveTables extends ImportTables {
  readonly families: Readonly<Record<Family, FamilyTable>>;
  /** Seconds of the RIB's clock. */
  seconds(): number;
}

const NO_FAMILIES: readonly Family[] = [];
const NO_REMEDIES: readonly AttributeRemedy[] = [];
/** The key of an attribute block is at most one octet longer than the block (`attribute-key.ts`). */
const MAX_KEY = 65536;
/** A limit is told again only after the count has fallen by this share. */
const HYSTERESIS = 0.9;

/** One for all: a field is walked without a pause. */
const nlri = new NlriBatch();

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Turns UPDATEs of one session into path rows. */
export class Receiver {
  readonly #tables: ReceiveTables;
  readonly #rules: ImportRules;
  readonly #scan = new UpdateScan();
  readonly #session: RibSession;
  readonly #source: Source;
  readonly #classic: DecodeContext;
  readonly #mp: DecodeContext;
  readonly #limited = new Set<Family>();
  /** Families of which a blocking limit has refused routes. */
  readonly #refused = new Set<Family>();
  readonly #outcome: Mutable<UpdateOutcome> = {
    announced: 0,
    withdrawn: 0,
    treatedAsWithdrawn: 0,
    ignored: 0,
    remedies: NO_REMEDIES,
    reset: undefined,
    endOfRib: undefined,
    limit: undefined,
  };
  readonly #content: Mutable<PathContent> = { received: 0, effective: 0, reason: 0 };
  #key: Buffer | undefined;
  #seconds = 0;

  constructor(tables: ReceiveTables, session: RibSession, source: Source) {
    this.#tables = tables;
    this.#rules = new ImportRules(tables);
    this.#session = session;
    this.#source = source;
    const { receive, localAsn, interface: zone } = session;
    const { contexts } = tables.records;
    this.#classic = contexts.use(receive, 'classic', localAsn, zone);
    this.#mp = contexts.use(receive, 'mp', localAsn, zone);
  }

  /** The session is over; what it gave stays. */
  end(): void {
    const { contexts } = this.#tables.records;
    contexts.release(this.#classic.id);
    contexts.release(this.#mp.id);
  }

  receive(bytes: Buffer, start: number, end: number, settings: RibPeerSettings): UpdateOutcome {
    const outcome = this.#clear();
    const scan = this.#scan;
    const error = scanUpdate(bytes, start, end, this.#session.receive, scan);
    if (error !== undefined) return this.#reset(error);
    if (scan.judgeOnly) {
      const { attributesStart, attributesEnd } = scan;
      const { receive } = this.#session;
      const judged = decodeAttributes(bytes, attributesStart, attributesEnd, receive, 'none');
      if (judged.disposition === 'reset') return this.#reset(judged.error);
      outcome.remedies = judged.remedies;
    }
    outcome.ignored = scan.ignored;
    if (scan.endOfRibAfi !== 0) outcome.endOfRib = familyOfAfi(scan.endOfRibAfi);
    this.#seconds = this.#tables.seconds();
    const max = settings.prefixLimit?.max ?? 0;
    this.#withdraw(bytes, scan.withdrawnStart, scan.withdrawnEnd, 1, max);
    this.#withdraw(bytes, scan.unreachNlriStart, scan.unreachNlriEnd, scan.unreachAfi, max);
    if (scan.nlriStart < scan.nlriEnd) this.#announceClassic(bytes, settings);
    if (scan.reachNlriStart < scan.reachNlriEnd) this.#announceMp(bytes, settings);
    return outcome;
  }

  /** Families of which routes were refused that there is room for now; each is told once. */
  takeRoom(limit: PrefixLimit | undefined): readonly Family[] {
    if (this.#refused.size === 0) return NO_FAMILIES;
    const most = limit?.action === 'block' ? HYSTERESIS * limit.max : Number.POSITIVE_INFINITY;
    const room = [...this.#refused].filter((family) => this.#source.paths[family].rows < most);
    for (const family of room) this.#refused.delete(family);
    return room;
  }

  /** Another limit is in force: the families that exceed it already, which are told no more. */
  limit(limit: PrefixLimit | undefined): readonly CrossedLimit[] {
    this.#limited.clear();
    if (limit === undefined) return [];
    const { families } = this.#session;
    const crossed = families.filter((family) => this.#source.paths[family].rows > limit.max);
    for (const family of crossed) {
      this.#limited.add(family);
      if (limit.action === 'block') this.#refused.add(family);
    }
    return crossed.map((family) => ({ ...limit, family }));
  }

  #announceClassic(bytes: Buffer, settings: RibPeerSettings): void {
    const { attributesStart, attributesEnd, hasMp, nlriStart, nlriEnd } = this.#scan;
    const record = hasMp
      ? this.#internKey(bytes, this.#classic)
      : this.#tables.records.intern(bytes, attributesStart, attributesEnd, this.#classic);
    this.#begin(bytes, nlriStart, nlriEnd, 'ipv4-unicast');
    this.#announce(record, this.#tables.families['ipv4-unicast'], settings);
  }

  #announceMp(bytes: Buffer, settings: RibPeerSettings): void {
    const { reachNlriStart, reachNlriEnd, reachAfi } = this.#scan;
    const family = familyOfAfi(reachAfi);
    const record = this.#internKey(bytes, this.#mp);
    this.#begin(bytes, reachNlriStart, reachNlriEnd, family);
    this.#announce(record, this.#tables.families[family], settings);
  }

  #internKey(bytes: Buffer, context: DecodeContext): number {
    this.#key ??= Buffer.allocUnsafeSlow(MAX_KEY);
    const end = writeAttributeKey(bytes, this.#scan, context.reachable, this.#key, 0);
    return this.#tables.records.intern(this.#key, 0, end, context);
  }

  #begin(bytes: Buffer, start: number, end: number, family: Family): void {
    nlri.begin(bytes, start, end, family, this.#session.receive.addPath.includes(family));
  }

  /** Adds the prefixes of a field with a record, of which it takes the reference. */
  #announce(record: number, table: FamilyTable, settings: RibPeerSettings): void {
    const { records } = this.#tables;
    if (record === 0) {
      this.#outcome.remedies = this.#outcome.remedies.concat(records.refused?.remedies ?? []);
      this.#outcome.treatedAsWithdrawn += this.#withdrawAll(table);
      return;
    }
    if (((records.columns.flags[record] as number) & REPAIRED) !== 0) {
      this.#outcome.remedies = this.#outcome.remedies.concat(records.decode(record).remedies);
    }
    if (settings.importPolicy.uses.prefix) this.#storeEach(record, table, settings);
    else this.#storeAll(record, table, settings);
    records.release(record);
  }

  /** One verdict for all prefixes of the UPDATE. */
  #storeAll(record: number, table: FamilyTable, settings: RibPeerSettings): void {
    const rules = this.#rules;
    rules.judge(record, this.#source, settings, table, 0);
    this.#content.received = record;
    this.#content.effective = rules.effective;
    this.#content.reason = rules.reason;
    while (nlri.next()) {
      table.prefixes.locate(nlri);
      for (let index = 0; index < nlri.count; index++) {
        const prefix = this.#prefixFor(table, index, settings.prefixLimit);
        if (prefix !== 0) this.#store(table, prefix, index, settings.prefixLimit);
      }
    }
    this.#tables.records.release(rules.effective);
  }

  #storeEach(record: number, table: FamilyTable, settings: RibPeerSettings): void {
    const rules = this.#rules;
    this.#content.received = record;
    while (nlri.next()) {
      table.prefixes.locate(nlri);
      for (let index = 0; index < nlri.count; index++) {
        const prefix = this.#prefixFor(table, index, settings.prefixLimit);
        if (prefix === 0) continue;
        rules.judge(record, this.#source, settings, table, prefix);
        this.#content.effective = rules.effective;
        this.#content.reason = rules.reason;
        this.#store(table, prefix, index, settings.prefixLimit);
        this.#tables.records.release(rules.effective);
      }
    }
  }

  /** The id of a prefix of the batch; 0 when a limit forbids one more path. */
  #prefixFor(table: FamilyTable, index: number, limit: PrefixLimit | undefined): number {
    const { prefixes, paths, family } = table;
    if (limit?.action === 'block' && this.#source.paths[family].rows >= limit.max) {
      const known = prefixes.findAt(nlri, index);
      const head = known === 0 ? 0 : (prefixes.heads[known] as number);
      if (paths.find(head, this.#source.id, nlri.pathIds[index] as number) === 0) {
        this.#outcome.ignored++;
        this.#refused.add(family);
        this.#tellLimit(family, limit);
        return 0;
      }
    }
    return prefixes.internAt(nlri, index);
  }

  #store(table: FamilyTable, prefix: number, index: number, limit: PrefixLimit | undefined): void {
    const pathId = nlri.pathIds[index] as number;
    const source = this.#source;
    const isNew = table.announce(prefix, source, pathId, this.#content, this.#seconds);
    this.#outcome.announced++;
    if (isNew && limit !== undefined && source.paths[table.family].rows > limit.max) {
      this.#tellLimit(table.family, limit);
    }
  }

  #tellLimit(family: Family, limit: PrefixLimit): void {
    if (this.#limited.has(family)) return;
    this.#limited.add(family);
    this.#outcome.limit = { ...limit, family };
  }

  #withdraw(bytes: Buffer, start: number, end: number, afi: number, limit: number): void {
    if (start === end) return;
    const family = familyOfAfi(afi);
    this.#begin(bytes, start, end, family);
    this.#outcome.withdrawn += this.#withdrawAll(this.#tables.families[family]);
    if (this.#source.paths[family].rows < HYSTERESIS * limit) this.#limited.delete(family);
  }

  /** Withdraws the prefixes of a field; returns how many there were. */
  #withdrawAll(table: FamilyTable): number {
    const { prefixes } = table;
    let count = 0;
    while (nlri.next()) {
      prefixes.locate(nlri);
      for (let index = 0; index < nlri.count; index++) {
        const prefix = prefixes.findAt(nlri, index);
        if (prefix !== 0) table.withdraw(prefix, this.#source, nlri.pathIds[index] as number);
      }
      count += nlri.count;
    }
    return count;
  }

  #reset(error: MessageError): UpdateOutcome {
    this.#outcome.reset = error;
    return this.#outcome;
  }

  #clear(): Mutable<UpdateOutcome> {
    const outcome = this.#outcome;
    outcome.announced = outcome.withdrawn = outcome.treatedAsWithdrawn = outcome.ignored = 0;
    outcome.remedies = NO_REMEDIES;
    outcome.reset = undefined;
    outcome.endOfRib = undefined;
    outcome.limit = undefined;
    return outcome;
  }
}

const familyOfAfi = (afi: number): Family => (afi === 1 ? 'ipv4-unicast' : 'ipv6-unicast');
