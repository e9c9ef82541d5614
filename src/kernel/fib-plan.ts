import type { FibRoute } from './fib-state.ts';
import { type KernelRoute, storedMetric } from './kernel.ts';
import { sameWays } from './same-route.ts';

/** What the next request for a prefix is, or why there is none. */
export type FibPlan =
  | { readonly op: 'none' }
  | { readonly op: 'add' | 'replace' | 'remove'; readonly route: KernelRoute }
  | { readonly op: 'conflict'; readonly foreign: KernelRoute };

export interface FibView {
  readonly prefix: KernelRoute['prefix'];
  readonly table: number;
  readonly protocol: number;
  readonly wanted: FibRoute | undefined;
  /** Every route of the table at the prefix, ours and others'. */
  readonly routes: readonly KernelRoute[];
  /** How the kernel shows our last write of `wanted`, where it words it differently. */
  readonly shown: KernelRoute | undefined;
}

const NOTHING: FibPlan = { op: 'none' };

/**
 * The request that brings the wanted route into the FIB. A route of another protocol is never
 * replaced: it is a conflict, and our own route beside it goes before it could shadow anything.
 */
export function planWanted(view: FibView): FibPlan {
  const { wanted, routes, protocol } = view;
  if (wanted === undefined) return NOTHING;
  const metric = storedMetric(view.prefix, wanted.metric);
  let own: KernelRoute | undefined;
  let foreign: KernelRoute | undefined;
  for (const route of routes) {
    if (route.metric !== metric) continue;
    if (route.protocol === protocol) own = route;
    else foreign = route;
  }
  if (own !== undefined) {
    if (sameWays(wanted, own) || (view.shown !== undefined && sameWays(view.shown, own))) {
      return NOTHING;
    }
    return foreign === undefined
      ? { op: 'replace', route: kernelRoute(view, wanted) }
      : { op: 'remove', route: own };
  }
  if (foreign !== undefined) return { op: 'conflict', foreign };
  return { op: 'add', route: kernelRoute(view, wanted) };
}

/** Removes a route of ours that is not (or no longer) wanted. */
export function planUnwanted({ prefix, wanted, routes, protocol }: FibView): FibPlan {
  const metric = wanted && storedMetric(prefix, wanted.metric);
  const route = routes.find((at) => at.protocol === protocol && at.metric !== metric);
  return route === undefined ? NOTHING : { op: 'remove', route };
}

const kernelRoute = ({ prefix, table, protocol }: FibView, wanted: FibRoute): KernelRoute => ({
  prefix,
  type: wanted.type,
  nextHops: wanted.nextHops,
  metric: wanted.metric,
  protocol,
  table,
});
