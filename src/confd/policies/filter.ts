import { createHash } from 'node:crypto';
import type { Match, PrefixMatch, Rule, SetActions } from '../../config/types.ts';
import type { BGPFilterView, FilterRule } from '../../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../../net/family.ts';
import type { Cluster } from '../cluster.ts';
import { from, type Traced } from '../trace.ts';
import { PRIORITY_SUM } from './priority.ts';
import { rule } from './rule.ts';

export type Direction = 'import' | 'export';

/** The policies of those filters of a BGPPeer that say something about the direction and family. */
export function filterPolicyNames(
  cluster: Pick<Cluster, 'filters'>,
  filters: readonly string[],
  direction: Direction,
  family: Family,
): readonly string[] {
  return filters.flatMap((name) => {
    const rules = cluster.filters.get(name)?.rules[direction][family] ?? [];
    return rules.length === 0 ? [] : [policyName(name, direction, family)];
  });
}

/** The filters among the policies that peers use. */
export function filterPolicies(
  cluster: Cluster,
  used: ReadonlySet<string>,
): ReadonlyMap<string, readonly Traced<Rule>[]> {
  const policies = new Map<string, readonly Traced<Rule>[]>();
  for (const filter of cluster.filters.values())
    for (const direction of ['import', 'export'] as const)
      for (const family of FAMILIES) {
        const name = policyName(filter.name, direction, family);
        if (used.has(name)) policies.set(name, filterRules(filter, direction, family));
      }
  return policies;
}

/** A policy's name has 253 characters at most, and so has an object's. */
const MAX_FILTER_NAME = 200;

function policyName(filter: string, direction: Direction, family: Family): string {
  const prefix = `filter_${direction}_${family === 'ipv4-unicast' ? 'v4' : 'v6'}_`;
  if (filter.length <= MAX_FILTER_NAME) return prefix + filter;
  const hash = createHash('sha256').update(filter).digest('hex').slice(0, 16);
  return `${prefix}${filter.slice(0, MAX_FILTER_NAME)}_${hash}`;
}

function filterRules(
  filter: BGPFilterView,
  direction: Direction,
  family: Family,
): readonly Traced<Rule>[] {
  const list = `${direction}${family === 'ipv4-unicast' ? 'V4' : 'V6'}`;
  return filter.rules[direction][family].flatMap((at, index) => {
    const match = matchOf(at);
    if (match === undefined) return [];
    const origin = from(filter, `spec.${list}[${index}]`, 'rule of a BGPFilter');
    if (at.action === 'Reject') return [rule(origin, match, 'reject')];
    return [rule(origin, match, 'accept', setOf(at))];
  });
}

/** Undefined when nothing can match. */
function matchOf(at: FilterRule): Match | undefined {
  const prefix = prefixOf(at.prefix);
  if (prefix === 'never') return undefined;
  return {
    ...(prefix !== 'always' && { prefix: [prefix] }),
    ...(at.fromPeers && { source: ['bgp'] as const }),
    ...(at.interface !== undefined && { interface: [at.interface] }),
    ...(at.peerType !== undefined && { peerType: at.peerType === 'iBGP' ? 'ibgp' : 'ebgp' }),
    ...(at.community !== undefined && { community: [at.community] }),
    ...(at.asPathPrefix !== undefined && { asPathPrefix: at.asPathPrefix }),
    ...(at.priority !== undefined && { localPref: PRIORITY_SUM - at.priority }),
  };
}

function prefixOf(prefix: FilterRule['prefix']): PrefixMatch | 'always' | 'never' {
  if (prefix === undefined) return 'always';
  const { operator, cidr, least, most } = prefix;
  const noLength = { ge: undefined, le: undefined };
  if (operator === 'Equal') return { equal: cidr, ...noLength };
  if (operator === 'NotEqual') return { notEqual: cidr, ...noLength };
  if (least > most) return operator === 'In' ? 'never' : 'always';
  const range = { ge: least, le: most };
  return operator === 'In' ? { in: cidr, ...range } : { notIn: cidr, ...range };
}

/** Each prepending goes before the ones before it; of several priorities the last stays. */
function setOf({ operations }: FilterRule): SetActions {
  const addCommunity: string[] = [];
  let prependAsPath: readonly number[] = [];
  let localPref: number | undefined;
  for (const operation of operations) {
    if ('addCommunity' in operation) addCommunity.push(operation.addCommunity);
    else if ('prependAsPath' in operation)
      prependAsPath = [...operation.prependAsPath, ...prependAsPath];
    else localPref = PRIORITY_SUM - operation.setPriority;
  }
  return {
    ...(localPref !== undefined && { localPref }),
    ...(addCommunity.length > 0 && { addCommunity }),
    ...(prependAsPath.length > 0 && { prependAsPath }),
  };
}
