import { isAccepted } from '../policy/compile.ts';
import { applyEdits, newEdits, resetEdits } from '../policy/edits.ts';
import type { RouteEdits } from '../policy/route-view.ts';
import { NO_ATTRIBUTES, type PathAttributes } from '../wire/path-attributes.ts';
import type { FamilyTable } from './family-table.ts';
import { type GroupProfile, isExternal } from './group-key.ts';
import { editsNothingSent } from './import-rules.ts';
import { type EncoderTables, OutEncoder } from './out-encoder.ts';
import type { OutTable } from './out-table.ts';
import { LLGR_STALE } from './path-table.ts';
import { HELD, POLICY_REASON } from './reasons.ts';
import {
  LLGR_STALE_COMMUNITY,
  MED_SET,
  NEXT_HOP_SELF,
  NO_ADVERTISE,
  NO_EXPORT,
  OTC,
} from './record-columns.ts';
import type { RecordTable } from './record-table.ts';
import { holdsMarked } from './roles.ts';
import { RouteCursor } from './route-cursor.ts';
import { LOCAL, type Source, type SourceTable } from './source.ts';
import type { LocalRoute } from './types.ts';

/** What the export rules read of the RIB. */
export interface ExportTables extends EncoderTables {
  readonly sources: SourceTable;
  readonly inSlices: (step: () => boolean) => void;
}

/** RFC 1997. */
const NO_EXPORT_VALUE = 0xffffff01;

/** Judges what a group is sent, in the order of RFC 4456 §8, RFC 1997 and the export policy. */
export class ExportRules {
  /** Why the last path was not sent: 0 or a code of `HELD`, or one of the policy. */
  reason = 0;
  readonly #tables: ExportTables;
  readonly #table: FamilyTable;
  readonly #profile: GroupProfile;
  readonly #outs: OutTable;
  readonly #encoder: OutEncoder;
  readonly #cursor: RouteCursor;
  readonly #edits: RouteEdits = newEdits();
  #lastRecord = 0;
  #lastSource = 0;
  #lastOut = 0;
  #lastReason = 0;

  constructor(tables: ExportTables, table: FamilyTable, profile: GroupProfile, outs: OutTable) {
    this.#tables = tables;
    this.#table = table;
    this.#profile = profile;
    this.#outs = outs;
    this.#encoder = new OutEncoder(tables, profile);
    this.#cursor = new RouteCursor(tables.records);
  }

  get encoder(): OutEncoder {
    return this.#encoder;
  }

  /** Forgets the last verdict: something that it rests on may be another. */
  forget(): void {
    this.#lastRecord = 0;
  }

  /** The route to send for a row, or 0 with the reason; whoever sends it retains it. */
  judge(row: number, prefix: number): number {
    const { paths } = this.#table;
    const record = paths.effective[row] as number;
    const sourceId = paths.sources[row] as number;
    const { uses } = this.#profile.exportPolicy;
    if (!uses.prefix && record === this.#lastRecord && sourceId === this.#lastSource) {
      this.reason = this.#lastReason;
      return this.#lastOut;
    }
    const out = this.#judgeAfresh(row, record, this.#tables.sources.get(sourceId), prefix);
    this.#lastRecord = record;
    this.#lastSource = sourceId;
    this.#lastOut = out;
    this.#lastReason = this.reason;
    return out;
  }

  /** True when a row may be sent as far as the export policy is not asked. */
  offers(row: number): boolean {
    const { paths } = this.#table;
    const source = this.#tables.sources.get(paths.sources[row] as number);
    return this.#safety(row, paths.effective[row] as number, source) === 0;
  }

  #judgeAfresh(row: number, record: number, source: Source, prefix: number): number {
    this.reason = this.#safety(row, record, source);
    if (this.reason !== 0) return 0;
    const { exportPolicy } = this.#profile;
    if (exportPolicy.edits) resetEdits(this.#edits);
    this.#cursor.pointAtRecord(record, source);
    if (exportPolicy.uses.prefix) this.#cursor.pointAtPrefix(this.#table.prefixes, prefix);
    const code = exportPolicy.evaluate(this.#cursor, this.#edits);
    if (!isAccepted(code)) {
      this.reason = POLICY_REASON + code;
      return 0;
    }
    const edited = source.id === LOCAL || (exportPolicy.edits && !editsNothingSent(this.#edits));
    const lastResort = this.#profile.longLivedPartialDeployment && this.#isStale(row, record);
    if (!edited && !lastResort) return this.#intern(record, source);
    const made = edited ? this.#edited(record, source) : this.#tables.records.retain(record);
    const sent = lastResort ? this.#lastResort(made) : made;
    const out = this.#intern(sent, source);
    this.#tables.records.release(sent);
    return out;
  }

  #safety(row: number, record: number, source: Source): number {
    const { records } = this.#tables;
    const { kind, role, longLived, longLivedPartialDeployment, drain } = this.#profile;
    if (drain === 'withdrawn') return HELD.draining;
    if (source.id === LOCAL) {
      return records.local(record)?.announce === false ? HELD['not-announced'] : 0;
    }
    if (source.session === 'ibgp' && kind === 'ibgp') {
      if (!source.client || this.#tables.clusterId === undefined) return HELD['not-reflected'];
    }
    const flags = records.columns.flags[record] as number;
    if ((flags & NO_ADVERTISE) !== 0) return HELD['no-advertise'];
    if ((flags & NO_EXPORT) !== 0 && isExternal(kind)) return HELD['no-export'];
    if ((flags & OTC) !== 0 && holdsMarked(role)) return HELD['only-to-customer'];
    const known = longLived || longLivedPartialDeployment;
    return known || !this.#isStale(row, record) ? 0 : HELD['long-lived-stale'];
  }

  #isStale(row: number, record: number): boolean {
    const flags = this.#tables.records.columns.flags[record] as number;
    return (
      (flags & LLGR_STALE_COMMUNITY) !== 0 ||
      ((this.#table.paths.flags[row] as number) & LLGR_STALE) !== 0
    );
  }

  /**
   * RFC 9494 §4.6: what is the last resort here is so for everybody inside, and does not leave by
   * those who do not know why. Takes the reference of `record`, and gives one.
   */
  #lastResort(record: number): number {
    const { records } = this.#tables;
    const { communities, ...others } = records.attributes(record);
    const marked = this.#profile.longLived || communities.includes(NO_EXPORT_VALUE);
    const out = records.amend(record, {
      ...others,
      localPref: 0,
      communities: marked ? communities : [...communities, NO_EXPORT_VALUE],
    });
    records.release(record);
    return out;
  }

  /** The record that the policy made of this one; of a local route, its first attributes. */
  #edited(record: number, source: Source): number {
    const { records } = this.#tables;
    const edits = this.#edits;
    const before = attributesOf(records, record);
    const flags = source.id === LOCAL ? 0 : (records.columns.flags[record] as number);
    return records.derive(applyEdits(before, edits), {
      preference: undefined,
      metric: undefined,
      tunnel: undefined,
      medSet: edits.med !== undefined || (flags & MED_SET) !== 0,
      nextHopSelf:
        edits.nextHopSelf || before.nextHop === undefined || (flags & NEXT_HOP_SELF) !== 0,
      zone: source.id === LOCAL ? '' : records.context(record).interface,
    });
  }

  #intern(record: number, source: Source): number {
    const known = this.#outs.find(record, source.id);
    if (known !== 0) return known;
    this.reason = this.#encoder.refusal(record, source);
    return this.reason === 0 ? this.#outs.add(record, source.id) : 0;
  }
}

/** The attributes of a record as policies see them. */
export function attributesOf(records: RecordTable, record: number): PathAttributes {
  const local = records.local(record);
  return local === undefined ? records.attributes(record) : originated(local);
}

/** RFC 4271 §5.1.1, §5.1.2: what a route of this machine begins its life with. */
const originated = ({ gateway }: LocalRoute): PathAttributes => ({
  ...NO_ATTRIBUTES,
  origin: 'igp',
  asPath: [],
  nextHop: gateway,
});
