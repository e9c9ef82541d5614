import { formatAddress } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import { prefixFamily } from '../net/prefix.ts';
import type { FamilyTable } from './family-table.ts';
import { addressWords } from './prefix-table.ts';
import { POLICY_REASON, REFUSAL, REFUSAL_REASONS, type Reason, STEP_REASONS } from './reasons.ts';
import type { PeerTable } from './rib-peer.ts';
import type { RibState } from './rib-state.ts';
import { sentRoutes } from './sent-query.ts';
import { LOCAL } from './source.ts';
import type { PathInfo, PathState, RouteFilter } from './types.ts';

/** Where a path stands and why. */
interface Standing extends Reason {
  readonly state: PathState;
}

/** Answers questions about routes in words. Nothing here is on the way of a route. */
export class RouteQuery {
  readonly #state: RibState;
  readonly #peers: ReadonlyMap<string, PeerTable>;

  constructor(state: RibState, peers: ReadonlyMap<string, PeerTable>) {
    this.#state = state;
    this.#peers = peers;
  }

  *routes(filter: RouteFilter): Generator<PathInfo> {
    const { view, prefix } = filter;
    const peer = filter.peer === undefined ? undefined : this.#peers.get(filter.peer);
    const named = filter.peer !== undefined || view === 'out';
    if (named && peer === undefined) return;
    for (const family of FAMILIES) {
      if (filter.family !== undefined && filter.family !== family) continue;
      if (prefix !== undefined && prefixFamily(prefix) !== family) continue;
      for (const id of this.#ids(family, prefix)) {
        if (view === 'out') yield* sentRoutes(this.#state, peer, family, id, filter.filtered);
        else yield* this.#paths(family, id, filter, peer?.source?.id);
      }
    }
  }

  *#ids(family: Family, prefix: Prefix | undefined): Generator<number> {
    const { prefixes } = this.#state.families[family];
    if (prefix !== undefined) {
      const id = prefixes.find(...addressWords(prefix.address), prefix.length);
      if (id !== 0) yield id;
      return;
    }
    for (let id = 1; id < prefixes.limit; id++) if (prefixes.has(id)) yield id;
  }

  *#paths(
    family: Family,
    prefix: number,
    { view, filtered, peer }: RouteFilter,
    source: number | undefined,
  ): Generator<PathInfo> {
    const table = this.#state.families[family];
    const rows: number[] = [];
    for (let row = table.prefixes.heads[prefix] as number; row !== 0; ) {
      if (peer === undefined || table.paths.sources[row] === source) rows.push(row);
      row = table.paths.next[row] as number;
    }
    if (rows.length === 0) return;
    const standings = this.#standings(table, prefix);
    for (const row of rows) {
      const standing = standings(row);
      if (filtered && standing.state !== 'rejected') continue;
      yield this.#info(table, prefix, row, standing, view);
    }
  }

  #info(
    table: FamilyTable,
    prefix: number,
    row: number,
    { state, name, text }: Standing,
    view: RouteFilter['view'],
  ): PathInfo {
    const { paths, prefixes, family } = table;
    const { records, sources } = this.#state;
    const source = sources.get(paths.sources[row] as number);
    const record = (view === 'in' ? paths.received[row] : paths.effective[row]) as number;
    const local = source.id === LOCAL ? records.local(record) : undefined;
    const pathId = paths.pathIds[row] as number;
    const { staleBefore, refreshBefore, addPath } = source.paths[family];
    return {
      prefix: prefixes.prefix(prefix),
      family,
      source: local?.source ?? 'bgp',
      peer: source.id === LOCAL ? undefined : source.name,
      pathId: source.id !== LOCAL && (addPath || pathId !== 0) ? pathId : undefined,
      state,
      reason: name,
      reasonText: text,
      stale: (paths.eras[row] as number) < Math.max(staleBefore, refreshBefore),
      attributes: source.id === LOCAL ? undefined : records.attributes(record),
      local,
      reached: this.#reached(record),
      preference: table.decision.preference(row),
      since: this.#state.wallTimeOf(paths.times[row] as number),
    };
  }

  #reached(record: number): PathInfo['reached'] {
    const { columns } = this.#state.records;
    const resolution = this.#state.nextHops.get(columns.nextHops[record] as number)?.resolution;
    if (resolution?.type !== 'reached') return undefined;
    return { gateway: formatAddress(resolution.gateway), interface: resolution.interface };
  }

  #standings(table: FamilyTable, prefix: number): (row: number) => Standing {
    const { heads, decisions } = table.prefixes;
    const head = heads[prefix] as number;
    const decided = decisions[prefix] as number;
    const best = decided === 0 ? 0 : head;
    const equal = new Set(table.decision.equalPaths(head));
    const losers = table.decision.losers(head);
    return (row) => {
      const refused = this.#refusal(table, row);
      if (refused !== undefined) return refused;
      if (row === best) return { state: 'best', ...reasonAt(STEP_REASONS, decided) };
      const { name, text } = reasonAt(STEP_REASONS, losers.get(row) ?? 0);
      const state = equal.has(row) ? 'equal' : 'candidate';
      return { state, name, text: `the best path won by this: ${text}` };
    };
  }

  #refusal(table: FamilyTable, row: number): Standing | undefined {
    const { paths, decision } = table;
    const code = paths.reasons[row] as number;
    if (code >= POLICY_REASON) {
      const { name } = this.#state.sources.get(paths.sources[row] as number);
      const policy = this.#peers.get(name)?.settings.importPolicy;
      const reason = policy?.reason(code - POLICY_REASON);
      const { name: reasonName = 'rejected-by-policy', text = 'rejected by the import policy' } =
        reason ?? {};
      return { state: 'rejected', name: reasonName, text };
    }
    if (code !== 0) return { state: 'rejected', ...reasonAt(REFUSAL_REASONS, code) };
    if (decision.eligible(row)) return undefined;
    const { columns } = this.#state.records;
    const hop = this.#state.nextHops.get(
      columns.nextHops[paths.effective[row] as number] as number,
    );
    return hop?.resolution.type === 'own'
      ? { state: 'rejected', ...reasonAt(REFUSAL_REASONS, REFUSAL['own-next-hop']) }
      : { state: 'unresolved', ...reasonAt(REFUSAL_REASONS, REFUSAL['next-hop-unresolved']) };
  }
}

const UNKNOWN: Reason = { name: 'unknown', text: 'no reason is known' };

const reasonAt = (reasons: readonly Reason[], code: number): Reason => reasons[code] ?? UNKNOWN;
