import type { Match, NumberMatch, PrefixMatch, Rule, Verdict } from '../../src/config/types.ts';
import { compileGlob } from '../../src/net/glob.ts';
import { containsPrefix, equalPrefixes, type Prefix, parsePrefix } from '../../src/net/prefix.ts';
import type { Outcome, Route } from './routes.ts';

interface State {
  metric: number | undefined;
  localPref: number | undefined;
  preference: number | undefined;
  tunnel: string | undefined;
  communities: string[];
}

export interface Evaluated extends Outcome {
  readonly tunnel: string | undefined;
}

/** The policy language at its plainest, to hold derived policies against BIRD's filters. */
export function evaluate(
  rules: readonly Rule[],
  end: Verdict,
  route: Route,
  peerType: 'ibgp' | 'ebgp' | undefined,
): Evaluated {
  const state: State = {
    metric: route.source === 'kernel' ? route.metric : undefined,
    localPref: route.source === 'bgp' ? (route.localPref ?? 100) : undefined,
    preference: undefined,
    tunnel: undefined,
    communities: [],
  };
  const terminal = rules.find((rule) => {
    if (!matches(rule.match, route, state, peerType)) return false;
    apply(rule, state);
    return rule.then !== 'continue';
  });
  const accepted = (terminal?.then ?? end) === 'accept';
  return { accepted, ...state, communities: [...state.communities].sort() };
}

function matches(
  match: Match,
  route: Route,
  state: State,
  peerType: 'ibgp' | 'ebgp' | undefined,
): boolean {
  const prefix = must(route.prefix);
  return (
    (match.prefix?.some((at) => matchesPrefix(at, prefix)) ?? true) &&
    (match.source?.includes(route.source) ?? true) &&
    (match.interface?.some((at) => route.interface !== '' && compileGlob(at)(route.interface)) ??
      true) &&
    (match.peerType === undefined || match.peerType === peerType) &&
    (match.metric === undefined || matchesNumber(match.metric, state.metric)) &&
    (match.nextHop?.some((at) => containsPrefix(must(at), must(route.nextHop))) ?? true)
  );
}

function matchesPrefix(at: PrefixMatch, prefix: Prefix): boolean {
  if ('in' in at) return containsPrefix(must(at.in), prefix);
  if ('equal' in at) return equalPrefixes(must(at.equal), prefix);
  throw new Error('no derived policy has such a match');
}

const matchesNumber = ({ eq, lt, gt }: NumberMatch, value: number | undefined): boolean =>
  value !== undefined &&
  (eq === undefined || value === eq) &&
  (lt === undefined || value < lt) &&
  (gt === undefined || value > gt);

function apply({ set }: Rule, state: State): void {
  state.localPref = set.localPref ?? state.localPref;
  state.metric = set.metric ?? state.metric;
  state.preference = set.preference ?? state.preference;
  state.tunnel = set.tunnel ?? state.tunnel;
  state.communities.push(...(set.addCommunity ?? []));
  if (set.localPrefFromMetric !== undefined)
    state.localPref = set.localPrefFromMetric - (state.metric ?? 0);
  if (set.metricFromLocalPref !== undefined)
    state.metric = set.metricFromLocalPref - (state.localPref ?? 100);
}

function must(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is not a prefix`);
  return prefix;
}
