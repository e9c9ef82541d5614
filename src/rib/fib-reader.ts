import { formatAddress } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { linkBandwidthOf } from '../wire/link-bandwidth.ts';
import type { BestPathReader, FamilyTable } from './family-table.ts';
import { PrefixSet } from './prefix-set.ts';
import { LINK_BANDWIDTH } from './record-columns.ts';
import type { RibState } from './rib-state.ts';
import { RouteCursor } from './route-cursor.ts';
import { STRETCH, TableWalk } from './table-walk.ts';
import type { FibChange, FibReader, FibRoute, ResolvedNextHop } from './types.ts';

/** Of the next hops of a kernel route. */
const GREATEST_WEIGHT = 256;

/** Follows the best paths of one family. */
interface Follower extends BestPathReader {
  readonly table: FamilyTable;
  readonly pending: PrefixSet;
  readonly walk: TableWalk;
}

/** Hands out best routes to a FIB, each prefix in its present state. */
export class BestRoutes implements FibReader {
  readonly #state: RibState;
  readonly #followers: readonly Follower[];
  readonly #cursor: RouteCursor;
  readonly #wake: () => void;

  constructor(state: RibState, wake: () => void) {
    this.#state = state;
    this.#wake = wake;
    this.#cursor = new RouteCursor(state.records);
    this.#followers = FAMILIES.map((family) => follower(state, family, wake));
    this.rescan();
  }

  next(): FibChange | undefined {
    if (this.#state.deferred) return undefined;
    for (const { table, pending, walk } of this.#followers) {
      while (pending.size > 0 || !walk.done) {
        walk.gather(pending);
        const id = pending.take();
        if (id === 0) continue;
        // A prefix that is not decided yet is touched again when it is.
        const change = table.isUndecided(id) ? undefined : this.#change(table, id);
        table.prefixes.unpin(id);
        if (change !== undefined) return change;
      }
    }
    return undefined;
  }

  rescan(): void {
    for (const { walk } of this.#followers) walk.begin();
    this.#wake();
  }

  close(): void {
    for (const follower of this.#followers) {
      follower.table.removeReader(follower);
      this.#state.inSlices(() => follower.pending.drop(STRETCH));
    }
  }

  #change(table: FamilyTable, id: number): FibChange {
    const prefix = table.prefixes.prefix(id);
    const head = table.prefixes.heads[id] as number;
    if (head === 0 || table.prefixes.decisions[id] === 0) return { type: 'none', prefix };
    return { type: 'route', prefix, route: this.#route(table, id, head) };
  }

  #route(table: FamilyTable, id: number, head: number): FibRoute {
    const { records, sources } = this.#state;
    const record = table.paths.effective[head] as number;
    this.#cursor.pointAtRecord(record, sources.get(table.paths.sources[head] as number));
    this.#cursor.pointAtPrefix(table.prefixes, id);
    const local = records.local(record);
    return {
      prefix: table.prefixes.prefix(id),
      view: this.#cursor,
      metric: local === undefined ? records.metric(record) : undefined,
      tunnel: records.tunnel(record),
      local,
      nextHops: local === undefined ? this.#nextHops(table, head) : [],
    };
  }

  #nextHops(table: FamilyTable, head: number): readonly ResolvedNextHop[] {
    const { records, nextHops } = this.#state;
    const seen = new Map<number, Omit<ResolvedNextHop, 'weight'>>();
    const bandwidths: (number | undefined)[] = [];
    for (const row of table.decision.equalPaths(head)) {
      const record = table.paths.effective[row] as number;
      const id = records.columns.nextHops[record] as number;
      const hop = nextHops.get(id);
      if (hop?.resolution.type !== 'reached' || seen.has(id)) continue;
      const { gateway, interface: name } = hop.resolution;
      seen.set(id, {
        nextHop: formatAddress(hop.address),
        gateway: formatAddress(gateway),
        interface: name,
      });
      bandwidths.push(this.#linkBandwidth(record));
    }
    const weights = weightsOf(bandwidths);
    return [...seen.values()].map((hop, index) => ({ ...hop, weight: weights[index] ?? 1 }));
  }

  #linkBandwidth(record: number): number | undefined {
    const { records } = this.#state;
    if (((records.columns.flags[record] as number) & LINK_BANDWIDTH) === 0) return undefined;
    return linkBandwidthOf(records.attributes(record).extendedCommunities);
  }
}

/** Shares in proportion to the bandwidths; none unless every next hop has one, and they differ. */
function weightsOf(bandwidths: readonly (number | undefined)[]): readonly number[] {
  const known = bandwidths.filter((bandwidth) => bandwidth !== undefined);
  if (known.length < bandwidths.length || new Set(known).size < 2) return [];
  const most = Math.max(...known);
  return known.map((bandwidth) => Math.max(1, Math.round((bandwidth / most) * GREATEST_WEIGHT)));
}

function follower(state: RibState, family: Family, wake: () => void): Follower {
  const table = state.families[family];
  const pending = new PrefixSet(table.prefixes);
  const reader: Follower = {
    table,
    pending,
    walk: new TableWalk(table.prefixes),
    touch: (prefix) => {
      const first = pending.size === 0;
      pending.add(prefix);
      if (first) wake();
    },
  };
  table.addReader(reader);
  return reader;
}
