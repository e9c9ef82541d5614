import { grownU32 } from './columns.ts';
import type { NextHopTable } from './next-hop-table.ts';
import { UNREACHABLE } from './next-hop-table.ts';
import { LLGR_STALE, type PathTable } from './path-table.ts';
import type { PrefixTable } from './prefix-table.ts';
import { STEP } from './reasons.ts';
import { LLGR_STALE_COMMUNITY } from './record-columns.ts';
import type { RecordTable } from './record-table.ts';
import { LOCAL, type Source, type SourceTable } from './source.ts';
import type { Preferences } from './types.ts';

/** Equal paths that a multipath route may have, as BIRD's. */
const MOST_EQUAL = 16;

/** The last step whose survivors count as equal, RFC 4271 §9.1.2.2 (e). */
const LAST_COMMON = STEP['igp-metric'];

/** What the decision reads; the tables are owned by the RIB. */
export interface DecisionTables {
  readonly records: RecordTable;
  readonly nextHops: NextHopTable;
  readonly sources: SourceTable;
}

/**
 * The decision process: preference, then RFC 4271 §9.1.2.2 and RFC 4456 §9. Each step keeps the
 * paths that are best by its own criterion, so that the order of arrival cannot matter (MED
 * included, which is compared only among paths of one neighbouring AS).
 */
export class Decision {
  preferences: Preferences;
  readonly #tables: DecisionTables;
  readonly #paths: PathTable;
  /** Paths that are left, and the criterion of each in the current step. */
  #rows: Uint32Array = new Uint32Array(16);
  #keys: Float64Array = new Float64Array(16);
  #equal: Uint32Array = new Uint32Array(MOST_EQUAL);
  #equals = 0;
  /** Called for each path that a step removes; for explanations only. */
  #lost: ((row: number, step: number) => void) | undefined;

  constructor(tables: DecisionTables, paths: PathTable, preferences: Preferences) {
    this.#tables = tables;
    this.#paths = paths;
    this.preferences = preferences;
  }

  /** True when a path may be chosen: accepted, and its next hop reachable. */
  eligible(row: number): boolean {
    if (this.#paths.reasons[row] !== 0) return false;
    if (this.#paths.sources[row] === LOCAL) return true;
    const { records, nextHops } = this.#tables;
    const nextHop = records.columns.nextHops[this.#paths.effective[row] as number] as number;
    return nextHops.costs[nextHop] !== UNREACHABLE;
  }

  /** Chooses the best path of a prefix, makes it the first row and stores the reason. */
  decide(prefixes: PrefixTable, prefix: number): void {
    const head = prefixes.heads[prefix] as number;
    if (head !== 0 && this.#paths.next[head] === 0 && this.eligible(head)) {
      prefixes.decisions[prefix] = STEP['only-path'];
      return;
    }
    const count = this.#collect(head);
    if (count === 0) {
      prefixes.decisions[prefix] = STEP['no-path'];
      return;
    }
    prefixes.decisions[prefix] = count === 1 ? STEP['only-path'] : this.#choose(count);
    this.#paths.promote(prefixes, this.#rows[0] as number);
  }

  /** The paths of a prefix that tie with the best one up to the IGP metric; the best one first. */
  equalPaths(head: number): readonly number[] {
    const count = this.#collect(head);
    if (count === 0) return [];
    if (count === 1) return [this.#rows[0] as number];
    this.#choose(count);
    const best = this.#rows[0] as number;
    if (this.#paths.sources[best] === LOCAL) return [best];
    const rest = this.#equal.subarray(0, this.#equals).filter((row) => row !== best);
    return [best, ...rest].slice(0, MOST_EQUAL);
  }

  /** The step that removed each eligible path but the best one. */
  losers(head: number): ReadonlyMap<number, number> {
    const lost = new Map<number, number>();
    const count = this.#collect(head);
    this.#lost = (row, step) => lost.set(row, step);
    if (count > 1) this.#choose(count);
    this.#lost = undefined;
    return lost;
  }

  preference(row: number): number {
    const { records } = this.#tables;
    const record = this.#paths.effective[row] as number;
    const given = records.preference(record);
    if (given !== undefined) return given;
    return this.preferences[records.local(record)?.source ?? 'bgp'];
  }

  #collect(head: number): number {
    let count = 0;
    for (let row = head; row !== 0; row = this.#paths.next[row] as number) {
      if (!this.eligible(row)) continue;
      if (count >= this.#rows.length) this.#grow(count);
      this.#rows[count++] = row;
    }
    return count;
  }

  /** Runs the steps until one path is left; returns the step that left it. */
  #choose(paths: number): number {
    let count = paths;
    this.#equals = 0;
    for (let step: number = STEP['not-long-lived-stale']; step <= STEP['path-id']; step++) {
      if (step === LAST_COMMON + 1) this.#keepEqual(count);
      if (step === STEP.med) count = this.#byMed(count);
      else if (step === STEP['peer-address']) count = this.#byAddress(count);
      else count = this.#byKey(count, step);
      if (count === 1) {
        if (step <= LAST_COMMON) this.#keepEqual(1);
        return step;
      }
    }
    return STEP['path-id'];
  }

  #keepEqual(count: number): void {
    const equal = this.#rows.subarray(0, count);
    if (count > this.#equal.length) this.#equal = grownU32(this.#equal, count);
    this.#equal.set(equal);
    this.#equals = count;
  }

  #byKey(count: number, step: number): number {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const key = this.#key(this.#rows[i] as number, step);
      this.#keys[i] = key;
      if (key < best) best = key;
    }
    return this.#keep(count, best, step);
  }

  #keep(count: number, key: number, step: number): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i] as number;
      if (this.#keys[i] === key) this.#rows[kept++] = row;
      else this.#lost?.(row, step);
    }
    return kept;
  }

  /** RFC 4271 §9.1.2.2 (c): out goes whoever has a rival of the same AS with a lower MED. */
  #byMed(count: number): number {
    const { meds, neighbourAsns } = this.#tables.records.columns;
    const { effective } = this.#paths;
    const med = meds[effective[this.#rows[0] as number] as number];
    let i = 1;
    while (i < count && meds[effective[this.#rows[i] as number] as number] === med) i++;
    if (i === count) return count;
    for (i = 0; i < count; i++) {
      const record = effective[this.#rows[i] as number] as number;
      let beaten = 0;
      for (let j = 0; j < count && beaten === 0; j++) {
        const rival = effective[this.#rows[j] as number] as number;
        if (neighbourAsns[rival] !== neighbourAsns[record]) continue;
        if ((meds[rival] as number) < (meds[record] as number)) beaten = 1;
      }
      this.#keys[i] = beaten;
    }
    return this.#keep(count, 0, STEP.med);
  }

  /** RFC 4271 §9.1.2.2 (g); peers that share an address go by name. */
  #byAddress(count: number): number {
    let best = this.#sourceOf(0);
    for (let i = 1; i < count; i++) {
      const source = this.#sourceOf(i);
      if (order(source, best) < 0) best = source;
    }
    for (let i = 0; i < count; i++) this.#keys[i] = this.#sourceOf(i) === best ? 0 : 1;
    return this.#keep(count, 0, STEP['peer-address']);
  }

  #sourceOf(index: number): Source {
    return this.#tables.sources.get(this.#paths.sources[this.#rows[index] as number] as number);
  }

  /** What a step compares; the lowest stays. */
  #key(row: number, step: number): number {
    const { records, nextHops, sources } = this.#tables;
    const { columns } = records;
    const record = this.#paths.effective[row] as number;
    const source = sources.get(this.#paths.sources[row] as number);
    const local = source.id === LOCAL;
    switch (step) {
      case STEP['not-long-lived-stale']:
        return this.#isLongLivedStale(row, record) ? 1 : 0;
      case STEP.preference:
        return -this.preference(row);
      case STEP['local-route']:
        return local ? 0 : 1;
      case STEP['local-pref']:
        return local ? 0 : -(columns.localPrefs[record] as number);
      case STEP['as-path-length']:
        return local ? 0 : (columns.asLengths[record] as number);
      case STEP.origin:
        return local ? 0 : (columns.origins[record] as number);
      case STEP['ebgp-over-ibgp']:
        return source.session === 'ibgp' ? 1 : 0;
      case STEP['igp-metric']:
        return local ? 0 : (nextHops.costs[columns.nextHops[record] as number] as number);
      case STEP['router-id']:
        return local ? 0 : (columns.originators[record] as number) || source.remoteId;
      case STEP['cluster-list-length']:
        return local ? 0 : (columns.clusterLengths[record] as number);
      case STEP['kernel-metric']:
        return local ? (records.metric(record) ?? 0) : 0;
      default:
        return this.#paths.pathIds[row] as number;
    }
  }

  #isLongLivedStale(row: number, record: number): boolean {
    if (((this.#paths.flags[row] as number) & LLGR_STALE) !== 0) return true;
    if (this.#paths.sources[row] === LOCAL) return false;
    return ((this.#tables.records.columns.flags[record] as number) & LLGR_STALE_COMMUNITY) !== 0;
  }

  #grow(count: number): void {
    this.#rows = grownU32(this.#rows, count);
    this.#keys = new Float64Array(this.#rows.length);
  }
}

function order(a: Source, b: Source): number {
  const byAddress = Buffer.compare(a.address, b.address);
  if (byAddress !== 0) return byAddress;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
