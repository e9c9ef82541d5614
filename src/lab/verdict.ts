import type { EchoReport } from './echo.ts';
import type { Observation, ObservedRoute } from './observation.ts';
import type { ExpectedSession, Member, Plan } from './plan.ts';

/** How much of what must be there is there. */
export interface Score {
  readonly have: number;
  readonly want: number;
}

/** How a member stands against the plan. */
export interface Verdict {
  readonly member: string;
  readonly role: Member['role'];
  /** Its process was killed and not replaced yet; its kernel must forward all the same. */
  readonly dead: boolean;
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

/** `dead` are the members whose process was killed: nobody has a session with them. */
export function judge(
  plan: Plan,
  observations: readonly Observation[],
  echoes: readonly EchoReport[],
  dead: ReadonlySet<string>,
): readonly Verdict[] {
  return plan.members.map((member) => {
    const missing: string[] = [];
    const seen = observations.find((at) => at.member === member.name);
    const flows = echoes.filter((flow) => flow.member === member.name);
    const isDead = dead.has(member.name);
    return {
      member: member.name,
      role: member.role,
      dead: isDead,
      ...(isDead ? NOTHING_TO_SEE : judgeProcess(plan, member, seen, dead, missing)),
      ...judgeFlows(flows, missing),
      missing,
    };
  });
}

const NONE: Score = { have: 0, want: 0 };
const NOTHING_TO_SEE = { sessions: NONE, rib: NONE, fib: NONE };

function judgeProcess(
  plan: Plan,
  member: Member,
  seen: Observation | undefined,
  dead: ReadonlySet<string>,
  missing: string[],
): Pick<Verdict, 'sessions' | 'rib' | 'fib'> {
  if (seen === undefined) missing.push('is new: start the lab again to have it');
  if (seen?.problem !== undefined) missing.push(seen.problem);
  const planned = plan.sessionsOf(member);
  missing.push(...surplusSessions(member, seen));
  missing.push(...unnoticedDeaths(planned, seen, dead));
  const sessions = planned
    .filter(({ remote }) => !dead.has(remote))
    .map((session) => isUp(session, seen, missing));
  const routes = plan.routesOf(member);
  const rib = routes.map((route) => found('RIB', route, seen?.rib ?? [], missing));
  const programmed = routes.filter((route) => route.programmed);
  const fib = programmed.map((route) => found('FIB', route, seen?.fib ?? [], missing));
  return { sessions: score(sessions), rib: score(rib), fib: score(fib) };
}

function judgeFlows(
  flows: readonly EchoReport[],
  missing: string[],
): Pick<Verdict, 'echoes' | 'answered' | 'lost'> {
  for (const { from, to, answered, lost } of flows) {
    if (answered === 0) missing.push(`no echo from ${from} to ${to}`);
    if (lost > 0) missing.push(`${lost} echoes from ${from} to ${to} were lost`);
  }
  return {
    echoes: score(flows.map(({ answered }) => answered > 0)),
    answered: total(flows.map(({ answered }) => answered)),
    lost: total(flows.map(({ lost }) => lost)),
  };
}

function isUp(
  { peer, remote, address }: ExpectedSession,
  seen: Observation | undefined,
  missing: string[],
): boolean {
  const session = seen?.sessions.get(peer);
  if (session?.state === 'Established') return true;
  const state = session === undefined ? 'is not configured' : `is ${session.state}`;
  missing.push(`session ${peer} to ${remote} (${address}) ${state}${because(session?.reason)}`);
  return false;
}

/** Sessions with the dead show that what follows a death has not begun yet. */
const unnoticedDeaths = (
  planned: readonly ExpectedSession[],
  seen: Observation | undefined,
  dead: ReadonlySet<string>,
): readonly string[] =>
  planned
    .filter(({ peer, remote }) => dead.has(remote) && isEstablished(seen, peer))
    .map(({ peer, remote }) => `session ${peer} is still Established, but ${remote} is dead`);

const isEstablished = (seen: Observation | undefined, peer: string): boolean =>
  seen?.sessions.get(peer)?.state === 'Established';

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
