import { parseCommunity, parseCommunityPattern } from '../config/community.ts';
import type { SetActions } from '../config/types.ts';
import { isLarge, isStandard, largeCommunities, standardCommunities } from './communities.ts';
import { localPrefOf } from './match.ts';
import type { RouteEdits, RouteView } from './route-view.ts';

export type Action = (route: RouteView, edits: RouteEdits) => void;

/** The changes of a rule, in the order of the fields of `SetActions`. */
export function compileSet(set: SetActions, defaultMetric: number): readonly Action[] {
  const actions: Action[] = [];
  const { prependAsPath, tunnel } = set;
  for (const field of ['localPref', 'med', 'metric', 'preference'] as const) {
    const value = set[field];
    if (value === undefined) continue;
    actions.push((_, edits) => {
      edits[field] = value;
    });
  }
  const { origin } = set;
  if (origin !== undefined)
    actions.push((_, edits) => {
      edits.origin = origin;
    });
  for (const text of set.removeCommunity ?? []) actions.push(removeCommunities(text));
  for (const text of set.addCommunity ?? []) actions.push(addCommunity(text));
  if (prependAsPath && prependAsPath.length > 0)
    actions.push((_, edits) => {
      edits.prependAsPath =
        edits.prependAsPath.length === 0
          ? prependAsPath
          : [...prependAsPath, ...edits.prependAsPath];
    });
  if (set.nextHop === 'self')
    actions.push((_, edits) => {
      edits.nextHopSelf = true;
    });
  if (tunnel !== undefined)
    actions.push((_, edits) => {
      edits.tunnel = tunnel;
    });
  const { localPrefFromMetric, metricFromLocalPref } = set;
  if (localPrefFromMetric !== undefined)
    actions.push((route, edits) => {
      const from = edits.metric ?? route.metric ?? defaultMetric;
      edits.localPref = difference(localPrefFromMetric, from);
    });
  if (metricFromLocalPref !== undefined)
    actions.push((route, edits) => {
      const from = localPrefOf(route, edits);
      if (from !== undefined) edits.metric = difference(metricFromLocalPref, from);
    });
  return actions;
}

/** Never below zero: both results are unsigned. */
const difference = (sum: number, other: number): number => Math.max(0, sum - other);

function addCommunity(text: string): Action {
  const community = parseCommunity(text);
  if (community === undefined) return () => {};
  const { type, value } = community;
  if (type === 'standard')
    return (_, { addCommunities: added, removeCommunities: removed }) =>
      move(value, removed, added);
  return (_, { addLargeCommunities: added, removeLargeCommunities: removed }) =>
    move(value, removed, added);
}

function removeCommunities(text: string): Action {
  const pattern = parseCommunityPattern(text);
  if (pattern === undefined) return () => {};
  if (pattern.type === 'standard')
    return (route, edits) => {
      for (const value of standardCommunities(route, edits)) {
        if (isStandard(pattern, value)) move(value, edits.addCommunities, edits.removeCommunities);
      }
    };
  return (route, edits) => {
    for (const value of largeCommunities(route, edits)) {
      if (isLarge(pattern, value))
        move(value, edits.addLargeCommunities, edits.removeLargeCommunities);
    }
  };
}

function move<T>(value: T, from: T[], to: T[]): void {
  const at = from.indexOf(value);
  if (at >= 0) from.splice(at, 1);
  if (!to.includes(value)) to.push(value);
}
