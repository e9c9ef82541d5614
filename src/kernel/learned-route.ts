import type { Prefix } from '../net/prefix.ts';
import type { KernelRouteType } from './kernel.ts';

/** A route that the speaker takes from this machine: a connected prefix or a foreign kernel route. */
export interface LearnedRoute {
  readonly source: 'direct' | 'kernel';
  readonly prefix: Prefix;
  readonly type: KernelRouteType;
  /** RTA_PRIORITY of a kernel route, 0 when it shows none; undefined for direct. */
  readonly metric: number | undefined;
  /** Outgoing interface; empty for multipath, blackhole, unreachable and prohibit. */
  readonly interface: string;
  /** Gateway of a route with one next hop. */
  readonly gateway: string | undefined;
}

/** Takes what is learned; `key` is stable and a second `put` of it is a change. */
export interface LearnedRouteSink {
  put(key: string, route: LearnedRoute): void;
  remove(key: string): void;
  /** Everything the kernel holds has been put; comes again after an overrun. */
  synchronised(): void;
}
