import type { RouteRow } from '../speaker/route-row.ts';

/** What a member of the lab says of itself, and its kernel of it. */
export interface Observation {
  readonly member: string;
  /** By peer name. */
  readonly sessions: ReadonlyMap<string, ObservedSession>;
  /** Usable routes learned by BGP. */
  readonly rib: readonly ObservedRoute[];
  /** Routes with a gateway. */
  readonly fib: readonly ObservedRoute[];
  /** Why nothing could be seen. */
  readonly problem?: string;
}

export interface ObservedSession {
  readonly state: string;
  readonly reason: string;
}

export interface ObservedRoute {
  readonly prefix: string;
  readonly nextHop: string;
}

export const blind = (member: string, problem: string): Observation => ({
  member,
  sessions: new Map(),
  rib: [],
  fib: [],
  problem,
});

/** What a row of the RIB adds: the next hop of a best or equally good BGP route. */
export const usableRoute = ({ source, state, prefix, nextHop }: RouteRow): ObservedRoute[] =>
  source === 'bgp' && (state === 'best' || state === 'equal') && nextHop !== undefined
    ? [{ prefix, nextHop }]
    : [];
