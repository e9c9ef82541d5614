import { describe, expect, test } from 'vitest';
import { flowsOf } from '../../src/lab/echo.ts';
import type { Observation } from '../../src/lab/observation.ts';
import { planOf } from '../../src/lab/plan.ts';
import { judge, type Verdict } from '../../src/lab/verdict.ts';
import { quickstart } from './stories.ts';

const PLAN = planOf(quickstart());
const ECHOES = flowsOf(PLAN).map((flow) => ({ ...flow, sent: 10, answered: 10, lost: 0 }));

const NOBODY: ReadonlySet<string> = new Set();

/** What each member shows when everything is there. */
const ALL_WELL: readonly Observation[] = PLAN.members.map((member) => ({
  member: member.name,
  sessions: new Map(
    PLAN.sessionsOf(member).map(({ peer }) => [peer, { state: 'Established', reason: '' }]),
  ),
  rib: PLAN.routesOf(member),
  fib: PLAN.routesOf(member),
}));

function verdictOnNode1(change: Partial<Observation>, echoes = ECHOES): Verdict | undefined {
  const seen = ALL_WELL.map((at) => (at.member === 'node-1' ? { ...at, ...change } : at));
  return judge(PLAN, seen, echoes, NOBODY).find(({ member }) => member === 'node-1');
}

test('nothing is missing when everything is there', () => {
  expect(judge(PLAN, ALL_WELL, ECHOES, NOBODY).flatMap(({ missing }) => missing)).toEqual([]);
  expect(verdictOnNode1({})).toMatchObject({
    sessions: { have: 2, want: 2 },
    rib: { have: 3, want: 3 },
    fib: { have: 3, want: 3 },
    echoes: { have: 6, want: 6 },
  });
});

describe('a verdict names', () => {
  test('a session that is down, with the reason', () => {
    const sessions = new Map([
      ['Mesh_172_30_0_2', { state: 'Active', reason: 'connection refused' }],
      ['Mesh_172_30_0_3', { state: 'Established', reason: '' }],
    ]);
    expect(verdictOnNode1({ sessions })?.missing).toEqual([
      'session Mesh_172_30_0_2 to node-2 (172.30.0.2) is Active: connection refused',
    ]);
  });

  test('a session that should be gone', () => {
    const sessions = new Map(ALL_WELL[0]?.sessions);
    sessions.set('Mesh_172_30_0_9', { state: 'Established', reason: '' });
    expect(verdictOnNode1({ sessions })?.missing).toEqual([
      'peer Mesh_172_30_0_9 is configured no more, but still there',
    ]);
  });

  test('a route that is absent and one with a wrong next hop', () => {
    const fib = [
      { prefix: '10.244.0.64/26', nextHop: '172.30.0.3' },
      { prefix: '10.244.2.192/26', nextHop: '172.30.0.3' },
    ];
    expect(verdictOnNode1({ fib })?.missing).toEqual([
      '10.244.0.64/26 via 172.30.0.2 must be in the FIB; via 172.30.0.3 is there',
      '10.244.1.128/26 via 172.30.0.2 must be in the FIB; is not there',
    ]);
  });

  test('echoes that never came and echoes that were lost', () => {
    const [first, second, ...rest] = ECHOES;
    if (first === undefined || second === undefined) throw new Error('no flows');
    const echoes = [{ ...first, answered: 0 }, { ...second, lost: 2 }, ...rest];
    expect(verdictOnNode1({}, echoes)?.missing).toEqual([
      `no echo from ${first.from} to ${first.to}`,
      `2 echoes from ${second.from} to ${second.to} were lost`,
    ]);
  });

  test('a session with a member that is dead', () => {
    const dead = new Set(['node-2']);
    const verdicts = judge(PLAN, ALL_WELL, ECHOES, dead);
    expect(verdicts.find(({ member }) => member === 'node-1')).toMatchObject({
      sessions: { have: 1, want: 1 },
      rib: { have: 3, want: 3 },
      missing: ['session Mesh_172_30_0_2 is still Established, but node-2 is dead'],
    });
  });

  test('a daemon that has ended', () => {
    const problem = 'bengal node has ended: port 179 is in use';
    const nothing = { problem, sessions: new Map(), rib: [], fib: [] };
    expect(verdictOnNode1(nothing)?.missing[0]).toBe(problem);
  });
});

test('nothing but its echoes is asked of a dead member', () => {
  const dead = new Set(['node-1']);
  const seen = ALL_WELL.filter(({ member }) => member !== 'node-1');
  expect(judge(PLAN, seen, ECHOES, dead).find(({ member }) => member === 'node-1')).toMatchObject({
    dead: true,
    sessions: { have: 0, want: 0 },
    fib: { have: 0, want: 0 },
    echoes: { have: 6, want: 6 },
    missing: [],
  });
});
