import type { AddressBytes } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { Probe } from '../runtime/probe.ts';
import { censusOf } from './census.ts';
import { BestRoutes } from './fib-reader.ts';
import { LocalTable } from './local-table.ts';
import { PeerTable } from './rib-peer.ts';
import { RibState } from './rib-state.ts';
import { RouteQuery } from './route-query.ts';
import { SentRoutes } from './sent-reader.ts';
import { ChangedRoutes } from './table-reader.ts';
import type {
  FibReader,
  LocalRoute,
  PathInfo,
  Preferences,
  RibOptions,
  RibPeer,
  RibPeerSettings,
  RouteFilter,
  SentReader,
  SentStage,
  TableReader,
  TableSize,
} from './types.ts';

/** The routing information base: routes in, best paths, routes out. One thread owns it. */
export class Rib {
  readonly #state: RibState;
  readonly #probe: Probe;
  readonly #local: LocalTable;
  readonly #peers = new Map<string, PeerTable>();

  constructor(options: RibOptions) {
    this.#probe = options.probe;
    this.#state = new RibState(options, (family, prefix) => this.#decided(family, prefix));
    this.#local = new LocalTable(this.#state);
  }

  /** True when nothing is left to decide, to encode or to free, and the ports took everything. */
  get idle(): boolean {
    return this.#state.idle;
  }

  /** Names are unique among peers that were not removed. */
  addPeer(name: string, settings: RibPeerSettings): RibPeer {
    const peer = new PeerTable(name, settings, this.#state, () => this.#peers.delete(name));
    this.#peers.set(name, peer);
    return peer;
  }

  putLocal(key: string, route: LocalRoute): void {
    this.#local.put(key, route);
  }

  removeLocal(key: string): void {
    this.#local.remove(key);
  }

  /** Our own addresses: a route with one of them as next hop is never used. */
  setOwnAddresses(addresses: readonly AddressBytes[]): void {
    this.#state.movedNextHops.add(this.#state.nextHops.setOwn(addresses));
  }

  setPreferences(preferences: Preferences): void {
    for (const family of FAMILIES) {
      this.#state.families[family].decision.preferences = preferences;
      this.#state.families[family].touchAll();
    }
    this.#state.schedule();
  }

  /** No best path is announced or handed to a FIB reader until `release` (RFC 4724 §4.1). */
  defer(): void {
    this.#state.deferred = true;
  }

  release(): void {
    this.#state.deferred = false;
    this.#state.schedule();
  }

  /** Opens a FIB reader that starts with the whole table; `wake` is called when `next` has something. */
  openFibReader(wake: () => void): FibReader {
    return new BestRoutes(this.#state, wake);
  }

  /** Opens a reader of everything that changes; `wake` is called when `next` has something. */
  openTableReader(wake: () => void): TableReader {
    return new ChangedRoutes(this.#state, this.#peers, wake);
  }

  /** Opens a reader of what a peer is sent, from the beginning; undefined where it has no session. */
  openSentReader(peer: string, stage: SentStage, wake: () => void): SentReader | undefined {
    const table = this.#peers.get(peer);
    return table && new SentRoutes(this.#state, table, stage, wake);
  }

  /** Routes for people, made one by one; the table may change between two of them. */
  routes(filter: RouteFilter): Generator<PathInfo> {
    return new RouteQuery(this.#state, this.#peers).routes(filter);
  }

  sizes(): readonly TableSize[] {
    return FAMILIES.map((family) => {
      const { prefixes, paths } = this.#state.families[family];
      return { family, prefixes: prefixes.size, paths: paths.size };
    });
  }

  /** Attribute sets and local origins held, and octets reserved for attribute blocks. */
  get records(): { readonly count: number; readonly bytes: number } {
    const { size, bytes } = this.#state.records;
    return { count: size, bytes };
  }

  /** Entries of each table, for tests and benchmarks of memory. */
  get census(): Readonly<Record<string, number>> {
    return { local: this.#local.size, ...censusOf(this.#state) };
  }

  #decided(family: Family, prefix: number): void {
    if (!this.#probe.detailed) return;
    const { prefixes } = this.#state.families[family];
    this.#probe.bestPath(
      formatPrefix(prefixes.prefix(prefix)),
      prefixes.decisions[prefix] as number,
    );
  }
}
