import type { Rule, SetActions } from '../../config/types.ts';
import type { Family } from '../../net/family.ts';
import type { Cluster, Given } from '../cluster.ts';
import { builtIn, from, type Traced } from '../trace.ts';
import { rule } from './rule.ts';

/** LOCAL_PREF + kernel metric of one and the same priority: 2^31 - 1. */
export const PRIORITY_SUM = 2_147_483_647;

const DEFAULT_PRIORITY = 1024;

/** The kernel metric of routes without special priority. */
export function normalPriority(cluster: Cluster, family: Family): Given<number> {
  const { global } = cluster;
  const value = global?.normalRoutePriority[family];
  if (global === undefined || value === undefined)
    return { value: DEFAULT_PRIORITY, origin: builtIn('default route priority') };
  const field = family === 'ipv4-unicast' ? 'ipv4NormalRoutePriority' : 'ipv6NormalRoutePriority';
  return { value, origin: from(global, `spec.${field}`, 'metric of normal routes') };
}

/**
 * On export LOCAL_PREF follows the kernel metric. A kernel route without metric counts as normal:
 * an older Felix gives none, and all its routes would look urgent.
 */
export function priorityRules({ value, origin }: Given<number>): readonly Traced<Rule>[] {
  const normal: SetActions = { localPref: PRIORITY_SUM - value, metric: value };
  return [
    rule(origin, { source: ['bgp'] }, 'continue', { metricFromLocalPref: PRIORITY_SUM }),
    rule(origin, { source: ['direct', 'static'] }, 'continue', normal),
    rule(origin, { source: ['kernel'], metric: { eq: 0 } }, 'continue', normal),
    rule(origin, { source: ['kernel'], metric: { gt: 0 } }, 'continue', {
      localPrefFromMetric: PRIORITY_SUM,
    }),
  ];
}

/** On import a route of raised priority gets the preference of a static one. */
export function importRules({ value, origin }: Given<number>): readonly Traced<Rule>[] {
  return [
    rule(origin, { localPref: { gt: PRIORITY_SUM - value } }, 'continue', { preference: 200 }),
  ];
}
