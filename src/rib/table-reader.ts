import { FAMILIES } from '../net/family.ts';
import type { PathAttributes } from '../wire/path-attributes.ts';
import { grownU32 } from './columns.ts';
import { attributesOf } from './export-rules.ts';
import type { BestPathReader, FamilyTable } from './family-table.ts';
import { PrefixSet } from './prefix-set.ts';
import type { PeerTable } from './rib-peer.ts';
import type { RibState } from './rib-state.ts';
import { LOCAL } from './source.ts';
import { STRETCH, TableWalk } from './table-walk.ts';
import { Tellings } from './tellings.ts';
import { ToldPaths } from './told-paths.ts';
import type { PathChange, TableChange, TableReader } from './types.ts';

/** What a reader knows of one family. */
interface Followed extends BestPathReader {
  readonly table: FamilyTable;
  readonly pending: PrefixSet;
  /** Laps for who must be told everything, or all of a peer again. */
  readonly walk: TableWalk;
  readonly told: ToldPaths;
  /** Best records as told, by prefix; 0 is none. */
  bests: Uint32Array;
}

/**
 * Hands out what changed in Adj-RIBs-In and Loc-RIB by prefix, each in its present state. It holds
 * what it told, with a reference to each record, and grows with the table, never with its lag.
 */
export class ChangedRoutes implements TableReader {
  readonly #state: RibState;
  readonly #peers: ReadonlyMap<string, PeerTable>;
  readonly #tellings: Tellings;
  readonly #followed: readonly Followed[];
  readonly #wake: () => void;

  constructor(state: RibState, peers: ReadonlyMap<string, PeerTable>, wake: () => void) {
    this.#state = state;
    this.#peers = peers;
    this.#tellings = new Tellings(state.sources);
    this.#wake = wake;
    this.#followed = FAMILIES.map((family) => followed(state.families[family], wake));
  }

  get idle(): boolean {
    return this.#followed.every(({ pending, walk }) => pending.size === 0 && walk.done);
  }

  next(): TableChange | undefined {
    for (const one of this.#followed) {
      const { table, pending, walk } = one;
      if (pending.size === 0) walk.gather(pending);
      for (let looked = 0; looked < STRETCH; looked++) {
        const id = pending.take();
        if (id === 0) break;
        // A prefix that is not decided yet is touched again when it is.
        const change = table.isUndecided(id) ? undefined : this.#change(one, id);
        table.prefixes.unpin(id);
        if (change !== undefined) return change;
      }
    }
    return undefined;
  }

  repeat(peer: string): void {
    const source = this.#peers.get(peer)?.source;
    if (source === undefined) return;
    this.#tellings.renew(source.id);
    for (const { table, walk } of this.#followed) {
      if (source.paths[table.family].rows > 0) walk.begin();
    }
    this.#wake();
  }

  close(): void {
    for (const one of this.#followed) {
      one.table.removeReader(one);
      let next = 1;
      this.#state.inSlices(() => {
        const { limit } = one.table.prefixes;
        for (const end = Math.min(limit, next + STRETCH); next < end; next++) {
          this.#forgetPrefix(one, next);
        }
        return next < limit;
      });
      this.#state.inSlices(() => one.pending.drop(STRETCH));
    }
  }

  #forgetPrefix(one: Followed, prefix: number): void {
    const { told, bests } = one;
    for (let node = told.head(prefix); node !== 0; node = told.head(prefix)) {
      this.#forget(one, prefix, node);
    }
    const best = bests[prefix] ?? 0;
    if (best !== 0) this.#state.records.release(best);
  }

  #change(one: Followed, prefix: number): TableChange | undefined {
    const { table } = one;
    const paths = [...this.#gone(one, prefix), ...this.#present(one, prefix)];
    const best = this.#best(one, prefix);
    if (paths.length === 0 && best === undefined) return undefined;
    return { family: table.family, prefix: table.prefixes.prefix(prefix), paths, best };
  }

  /** Paths that were told and are no longer there. */
  #gone(one: Followed, prefix: number): readonly PathChange[] {
    const { table, told } = one;
    const head = table.prefixes.heads[prefix] as number;
    const gone: PathChange[] = [];
    for (let node = told.head(prefix); node !== 0; ) {
      const at = node;
      node = told.next(at);
      const telling = told.tellings[at] as number;
      const source = this.#tellings.sourceOf(telling);
      const pathId = told.pathIds[at] as number;
      const current = this.#tellings.isCurrent(telling) && this.#isCurrent(source);
      if (current && table.paths.find(head, source, pathId) !== 0) continue;
      if (current) gone.push(this.#path(source, pathId, 0, 0, 0));
      this.#forget(one, prefix, at);
    }
    return gone;
  }

  /** Paths that are new or another than told. */
  #present({ table, told }: Followed, prefix: number): readonly PathChange[] {
    const { records } = this.#state;
    const { paths, prefixes } = table;
    const changed: PathChange[] = [];
    for (let row = prefixes.heads[prefix] as number; row !== 0; row = paths.next[row] as number) {
      const source = paths.sources[row] as number;
      const pathId = paths.pathIds[row] as number;
      if (!this.#isCurrent(source)) continue;
      const received = paths.received[row] as number;
      const accepted = paths.reasons[row] === 0 ? (paths.effective[row] as number) : 0;
      let node = told.find(prefix, this.#tellings.current(source), pathId);
      if (node === 0) {
        node = told.add(prefix, this.#tellings.tell(source), pathId);
      } else {
        if (told.received[node] === received && told.accepted[node] === accepted) continue;
        this.#release(told, node);
      }
      told.received[node] = records.retain(received);
      told.accepted[node] = accepted === 0 ? 0 : records.retain(accepted);
      changed.push(this.#path(source, pathId, received, accepted, paths.times[row] as number));
    }
    return changed;
  }

  #best(one: Followed, prefix: number): TableChange['best'] {
    const { records } = this.#state;
    const { table } = one;
    const { heads, decisions } = table.prefixes;
    const decided = decisions[prefix] !== 0;
    const row = decided ? (heads[prefix] as number) : 0;
    const record = row === 0 ? 0 : (table.paths.effective[row] as number);
    const before = one.bests[prefix] ?? 0;
    if (record === before) return undefined;
    one.bests = grownU32(one.bests, prefix);
    one.bests[prefix] = record === 0 ? 0 : records.retain(record);
    if (before !== 0) records.release(before);
    return { attributes: this.#attributes(record), since: this.#timeOf(row, table) };
  }

  #timeOf(row: number, { paths }: FamilyTable): number {
    return row === 0 ? 0 : this.#state.wallTimeOf(paths.times[row] as number);
  }

  #path(
    source: number,
    pathId: number,
    received: number,
    accepted: number,
    seconds: number,
  ): PathChange {
    return {
      peer: this.#state.sources.get(source).name,
      pathId,
      received: this.#attributes(received),
      accepted: this.#attributes(accepted),
      since: received === 0 ? 0 : this.#state.wallTimeOf(seconds),
    };
  }

  #attributes(record: number): PathAttributes | undefined {
    return record === 0 ? undefined : attributesOf(this.#state.records, record);
  }

  /** Paths of a peer under an identity that it no longer has were told under another session. */
  #isCurrent(source: number): boolean {
    if (source === LOCAL) return false;
    const { name } = this.#state.sources.get(source);
    return this.#peers.get(name)?.source?.id === source;
  }

  #forget({ told }: Followed, prefix: number, node: number): void {
    this.#release(told, node);
    this.#tellings.forget(told.tellings[node] as number);
    told.remove(prefix, node);
  }

  #release(told: ToldPaths, node: number): void {
    const { records } = this.#state;
    records.release(told.received[node] as number);
    if (told.accepted[node] !== 0) records.release(told.accepted[node] as number);
  }
}

function followed(table: FamilyTable, wake: () => void): Followed {
  const pending = new PrefixSet(table.prefixes);
  const one: Followed = {
    table,
    pending,
    walk: new TableWalk(table.prefixes),
    told: new ToldPaths(),
    bests: new Uint32Array(16),
    touch: (prefix) => {
      const first = pending.size === 0;
      pending.add(prefix);
      if (first) wake();
    },
  };
  one.walk.begin();
  table.addReader(one);
  return one;
}
