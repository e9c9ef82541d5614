import type { EchoReport } from './echo.ts';
import type { Observation, ObservedRoute } from './observation.ts';
import type { Member, Plan } from './plan.ts';

/** How much of what must be there is there. */
export interface Score {
  readonly have: number;
  readonly want: number;
}

/** How a member stands against the plan. */
export interface Verdict {
  readonly member: string;
  readonly role: Member['role'];
  readonly sessions: Score;
  readonly rib: Score;
  readonly fib: Score;
  /** Flows that were answered at least once. */
  readonly echoes: Score;
  readonly answered: number;
  readonly lost: number;
  /** What is missing or too much, a line each. */
  readonly missing: readonly string[];
}

export function judge(
  plan: Plan,
  observations: readonly Observation[],
  echoes: readonly EchoReport[],
): readonly Verdict[] {
  return plan.members.map((member) => {
    const seen = observations.find((at) => at.member === member.name);
    return judgeMember(
      plan,
      member,
      seen,
      echoes.filter((flow) => flow.member === member.name),
    );
  });
}

function judgeMember(
  plan: Plan,
  member: Member,
  seen: Observation | undefined,
  flows: readonly EchoReport[],
): Verdict {
  const missing: string[] = [];
  if (seen === undefined) missing.push('is new: start the lab again to have it');
  if (seen?.problem !== undefined) missing.push(seen.problem);
  const sessions = plan.sessionsOf(member).map(({ peer, remote, address }) => {
    const session = seen?.sessions.get(peer);
    if (session?.state === 'Established') return true;
    const state = session === undefined ? 'is not configured' : `is ${session.state}`;
    missing.push(`session ${peer} to ${remote} (${address}) ${state}${because(session?.reason)}`);
    return false;
  });
  missing.push(...surplusSessions(member, seen));
  const routes = plan.routesOf(member);
  const rib = routes.map((route) => found('RIB', route, seen?.rib ?? [], missing));
  const programmed = routes.filter((route) => route.programmed);
  const fib = programmed.map((route) => found('FIB', route, seen?.fib ?? [], missing));
  const echoes = flows.map(({ from, to, answered, lost }) => {
    if (answered === 0) missing.push(`no echo from ${from} to ${to}`);
    if (lost > 0) missing.push(`${lost} echoes from ${from} to ${to} were lost`);
    return answered > 0;
  });
  return {
    member: member.name,
    role: member.role,
    sessions: score(sessions),
    rib: score(rib),
    fib: score(fib),
    echoes: score(echoes),
    answered: total(flows.map(({ answered }) => answered)),
    lost: total(flows.map(({ lost }) => lost)),
    missing,
  };
}

/** Sessions of an earlier configuration show that the present one is not in force yet. */
function surplusSessions({ derived }: Member, seen: Observation | undefined): readonly string[] {
  const configured = new Set(derived.config?.peers.map(({ name }) => name));
  const names = [...(seen?.sessions.keys() ?? [])].filter((name) => !configured.has(name));
  return names.map((name) => `peer ${name} is configured no more, but still there`);
}

function found(
  table: 'RIB' | 'FIB',
  { prefix, nextHop }: ObservedRoute,
  routes: readonly ObservedRoute[],
  missing: string[],
): boolean {
  const hops = routes.filter((route) => route.prefix === prefix).map((route) => route.nextHop);
  if (hops.includes(nextHop)) return true;
  const instead = hops.length === 0 ? 'is not' : `via ${hops.join(', ')} is`;
  missing.push(`${prefix} via ${nextHop} must be in the ${table}; ${instead} there`);
  return false;
}

const because = (reason: string | undefined): string => (reason ? `: ${reason}` : '');

const score = (items: readonly boolean[]): Score => ({
  have: items.filter(Boolean).length,
  want: items.length,
});

const total = (numbers: readonly number[]): number => numbers.reduce((sum, at) => sum + at, 0);
