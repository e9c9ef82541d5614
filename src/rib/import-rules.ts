import { isAccepted } from '../policy/compile.ts';
import { applyEdits, newEdits, resetEdits } from '../policy/edits.ts';
import type { RouteEdits } from '../policy/route-view.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';
import type { FamilyTable } from './family-table.ts';
import type { NextHopTable } from './next-hop-table.ts';
import { POLICY_REASON, REFUSAL } from './reasons.ts';
import { AS_SET, GRACEFUL_SHUTDOWN, OTC, OWN_CLUSTER } from './record-columns.ts';
import type { RecordTable } from './record-table.ts';
import { isLeak, marksIncoming } from './roles.ts';
import { RouteCursor } from './route-cursor.ts';
import type { Source } from './source.ts';
import type { RibPeerSettings } from './types.ts';

/** What the import rules read of the RIB. */
export interface ImportTables {
  readonly records: RecordTable;
  readonly nextHops: NextHopTable;
  /** Dotted quad as a number. */
  readonly routerId: number;
}

/** Judges received routes: RFC 4271 §9.1.2, RFC 4456 §8, then the import policy. */
export class ImportRules {
  /** The last verdict: 0 or a reason code, and the record after the policy's edits. */
  reason = 0;
  effective = 0;
  readonly #tables: ImportTables;
  readonly #cursor: RouteCursor;
  readonly #edits: RouteEdits = newEdits();

  constructor(tables: ImportTables) {
    this.#tables = tables;
    this.#cursor = new RouteCursor(tables.records);
  }

  /** Judges a record; the caller owns one reference to `effective` afterwards. */
  judge(
    record: number,
    source: Source,
    settings: RibPeerSettings,
    table: FamilyTable,
    prefix: number,
  ): void {
    this.effective = record;
    this.reason = this.#safety(record, source, settings, table);
    if (this.reason === 0) this.#policy(record, source, settings, table, prefix);
    else this.#tables.records.retain(record);
    if (this.reason === 0 && settings.gracefulShutdown) this.#shutDown(record);
  }

  /** RFC 8326 §4.2: whoever is about to go away is the last choice. */
  #shutDown(record: number): void {
    const { records } = this.#tables;
    if (((records.columns.flags[record] as number) & GRACEFUL_SHUTDOWN) === 0) return;
    const before = this.effective;
    this.effective = records.amend(before, { ...records.attributes(before), localPref: 0 });
    records.release(before);
  }

  #safety(
    record: number,
    source: Source,
    settings: RibPeerSettings,
    { family }: FamilyTable,
  ): number {
    const { records, nextHops, routerId } = this.#tables;
    const { columns } = records;
    if ((columns.ownAsns[record] as number) > settings.allowOwnAs) return REFUSAL['own-as'];
    const flags = columns.flags[record] as number;
    if (source.session === 'ibgp') {
      if (columns.originators[record] === routerId) return REFUSAL['own-originator-id'];
      if ((flags & OWN_CLUSTER) !== 0) return REFUSAL['own-cluster-id'];
    }
    if (source.role !== undefined && this.#isLeak(record, flags, source.role, source)) {
      return REFUSAL['route-leak'];
    }
    if ((flags & AS_SET) !== 0 && settings.asSet === 'withdraw') return REFUSAL['as-set'];
    const nextHop = nextHops.get(columns.nextHops[record] as number);
    const useful =
      nextHop !== undefined && (family === 'ipv4-unicast' || nextHop.address.length === 16);
    return useful ? 0 : REFUSAL['no-next-hop'];
  }

  #isLeak(record: number, flags: number, role: BgpRole, { remoteAsn }: Source): boolean {
    if ((flags & OTC) === 0) return false;
    return isLeak(role, remoteAsn, this.#tables.records.attributes(record).otc);
  }

  #policy(
    record: number,
    source: Source,
    { importPolicy }: RibPeerSettings,
    table: FamilyTable,
    prefix: number,
  ): void {
    const { records } = this.#tables;
    const edits = this.#edits;
    if (importPolicy.edits) resetEdits(edits);
    this.#cursor.pointAtRecord(record, source);
    if (importPolicy.uses.prefix) this.#cursor.pointAtPrefix(table.prefixes, prefix);
    const code = importPolicy.evaluate(this.#cursor, edits);
    this.reason = isAccepted(code) ? 0 : POLICY_REASON + code;
    const marked =
      marksIncoming(source.role) && ((records.columns.flags[record] as number) & OTC) === 0;
    const edited = importPolicy.edits && !isEmpty(edits);
    if (this.reason !== 0 || !(edited || marked)) {
      records.retain(record);
      return;
    }
    if (!importPolicy.edits) resetEdits(edits);
    const attributes = applyEdits(records.attributes(record), edits);
    const otc = marked ? source.remoteAsn : attributes.otc;
    this.effective = records.derive(
      { ...attributes, otc },
      {
        preference: edits.preference,
        metric: edits.metric,
        tunnel: edits.tunnel,
        medSet: edits.med !== undefined,
        nextHopSelf: edits.nextHopSelf,
        zone: records.context(record).interface,
      },
    );
  }
}

/** True when the edits change nothing that a record keeps. */
function isEmpty(edits: RouteEdits): boolean {
  return (
    edits.preference === undefined &&
    edits.metric === undefined &&
    edits.tunnel === undefined &&
    editsNothingSent(edits)
  );
}

/** True when the edits change nothing that a peer would see. */
export function editsNothingSent(edits: RouteEdits): boolean {
  return (
    edits.localPref === undefined &&
    edits.med === undefined &&
    edits.origin === undefined &&
    !edits.nextHopSelf &&
    edits.prependAsPath.length === 0 &&
    edits.addCommunities.length === 0 &&
    edits.removeCommunities.length === 0 &&
    edits.addLargeCommunities.length === 0 &&
    edits.removeLargeCommunities.length === 0
  );
}
