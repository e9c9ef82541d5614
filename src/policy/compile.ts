import type { Rule, SpeakerConfig, Verdict } from '../config/types.ts';
import { compileMatch, type MatchContext, type Test } from './match.ts';
import type { RouteEdits, RouteView } from './route-view.ts';
import { type Action, compileSet } from './set.ts';

/** What is fixed for the life of a compiled policy. */
export interface PolicyContext extends MatchContext {
  /** What an undefined kernel metric counts as in `localPrefFromMetric`. */
  readonly defaultMetric: number;
}

/** Why a policy decided as it did. The code's lowest bit is 1 for accept. */
export interface PolicyReason {
  readonly code: number;
  readonly name: string;
  readonly text: string;
}

/** Which parts of a route the rules look at. */
export interface PolicyUses {
  readonly prefix: boolean;
  readonly attributes: boolean;
  readonly source: boolean;
  readonly fromPeer: boolean;
  readonly interface: boolean;
  readonly metric: boolean;
}

export interface CompiledPolicy {
  /** Policies with equal keys decide and edit alike, and give the same reasons. */
  readonly key: string;
  readonly uses: PolicyUses;
  /** False: no rule can change a route. */
  readonly edits: boolean;
  /** Judges a route; writes changes to `edits`, which the caller has reset. Gives a reason code. */
  evaluate(route: RouteView, edits: RouteEdits): number;
  reason(code: number): PolicyReason | undefined;
}

export const isAccepted = (code: number): boolean => (code & 1) === 1;

/** A rule that can match in the context, with where it stands. */
interface PlacedRule extends Rule {
  readonly policy: string;
  /** From 1. */
  readonly number: number;
}

interface CompiledRule {
  readonly tests: readonly Test[];
  readonly actions: readonly Action[];
  /** -1: go on with the next rule. */
  readonly code: number;
}

/** Compiles the named policies into one; names that do not exist count as empty. */
export function compilePolicy(
  names: readonly string[],
  policies: SpeakerConfig['policies'],
  end: Verdict,
  context: PolicyContext,
): CompiledPolicy {
  const rules = names.flatMap((name) => placed(name, policies, context.kind));
  const compiled = rules.map((rule, index) => compileRule(rule, index, context));
  const endCode = Number(end === 'accept');
  const reasons = [endReason(endCode), ...rules.map(ruleReason)];
  const own = context.ownNextHop === undefined ? '' : context.ownNextHop.join('.');
  return {
    key: JSON.stringify([end, context.defaultMetric, own, rules]),
    uses: usesOf(rules),
    edits: compiled.some(({ actions }) => actions.length > 0),
    evaluate: (route, edits) => evaluate(compiled, endCode, route, edits),
    reason: (code) => reasons.find((reason) => reason.code === code),
  };
}

function placed(
  policy: string,
  policies: SpeakerConfig['policies'],
  kind: PolicyContext['kind'],
): readonly PlacedRule[] {
  const rules = Object.hasOwn(policies, policy) ? (policies[policy] ?? []) : [];
  return rules
    .map((rule, index) => ({ ...rule, policy, number: index + 1 }))
    .filter(({ match }) => match.peerType === undefined || match.peerType === kind);
}

function compileRule(rule: PlacedRule, index: number, context: PolicyContext): CompiledRule {
  return {
    tests: compileMatch(rule.match, context),
    actions: compileSet(rule.set, context.defaultMetric),
    code: rule.then === 'continue' ? -1 : codeOf(rule, index),
  };
}

const codeOf = ({ then }: Rule, index: number): number =>
  2 * (index + 1) + Number(then === 'accept');

const endReason = (code: number): PolicyReason =>
  code === 1
    ? { code, name: 'accepted-at-end', text: 'accepted: no rule ended the evaluation' }
    : { code, name: 'rejected-at-end', text: 'rejected: no rule ended the evaluation' };

function ruleReason(rule: PlacedRule, index: number): PolicyReason {
  const code = codeOf(rule, index);
  const verdict = isAccepted(code) ? 'accepted' : 'rejected';
  return {
    code,
    name: `${verdict}-by-rule`,
    text: `${verdict} by ${rule.policy} rule ${rule.number}`,
  };
}

function evaluate(
  rules: readonly CompiledRule[],
  endCode: number,
  route: RouteView,
  edits: RouteEdits,
): number {
  for (const { tests, actions, code } of rules) {
    if (!holdsAll(tests, route, edits)) continue;
    for (const action of actions) action(route, edits);
    if (code >= 0) return code;
  }
  return endCode;
}

function holdsAll(tests: readonly Test[], route: RouteView, edits: RouteEdits): boolean {
  for (const test of tests) if (!test(route, edits)) return false;
  return true;
}

function usesOf(rules: readonly Rule[]): PolicyUses {
  const matches = (field: keyof Rule['match']): boolean =>
    rules.some(({ match }) => match[field] !== undefined);
  const sets = (field: keyof Rule['set']): boolean =>
    rules.some(({ set }) => set[field] !== undefined);
  return {
    prefix: matches('prefix'),
    attributes:
      matches('community') ||
      matches('asPathPrefix') ||
      matches('asPath') ||
      matches('asPathLength') ||
      matches('origin') ||
      matches('med') ||
      matches('localPref') ||
      matches('nextHop') ||
      sets('metricFromLocalPref') ||
      sets('removeCommunity'),
    source: matches('source'),
    fromPeer: matches('fromPeer'),
    interface: matches('interface'),
    metric: matches('metric') || sets('localPrefFromMetric'),
  };
}
