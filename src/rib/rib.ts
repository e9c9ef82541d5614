import type { AddressBytes } from '../net/address.ts';
import type {
  FibReader,
  LocalRoute,
  PathInfo,
  Preferences,
  RibOptions,
  RibPeer,
  RibPeerSettings,
  RouteFilter,
  TableSize,
} from './types.ts';

/** The routing information base: routes in, best paths, routes out. One thread owns it. */
export declare class Rib {
  constructor(options: RibOptions);
  /** Names are unique among peers that were not removed. */
  addPeer(name: string, settings: RibPeerSettings): RibPeer;
  putLocal(key: string, route: LocalRoute): void;
  removeLocal(key: string): void;
  /** Our own addresses: a route with one of them as next hop is never used. */
  setOwnAddresses(addresses: readonly AddressBytes[]): void;
  setPreferences(preferences: Preferences): void;
  /** No best path is announced or handed to a FIB reader until `release` (RFC 4724 §4.1). */
  defer(): void;
  release(): void;
  /** Opens a FIB reader that starts with the whole table; `wake` is called when `next` has something. */
  openFibReader(wake: () => void): FibReader;
  routes(filter: RouteFilter): Generator<PathInfo>;
  sizes(): readonly TableSize[];
  /** True when nothing is left to decide, to encode or to free; output may still be queued. */
  readonly idle: boolean;
}
