import { describe, expect, test } from 'vitest';
import { type Member, type Plan, planOf } from '../../src/lab/plan.ts';
import { chaptersOf, overlaid } from '../../src/lab/story.ts';
import { QUICKSTART, quickstart } from './stories.ts';

/** The plan after so many files of `then/`. */
function planAfter(chapters: number): Plan {
  const later = chaptersOf(QUICKSTART)
    .slice(0, chapters)
    .flatMap(({ resources }) => resources);
  return planOf(overlaid(quickstart(), later));
}

const member = (plan: Plan, name: string): Member => {
  const found = plan.members.find((at) => at.name === name);
  if (found === undefined) throw new Error(`no member ${name}`);
  return found;
};

const remotes = (plan: Plan, name: string): readonly string[] =>
  plan.sessionsOf(member(plan, name)).map(({ remote }) => remote);

describe('the quickstart', () => {
  test('has three nodes and a standalone reflector', () => {
    const roles = planAfter(0).members.map(({ name, role }) => `${name} ${role}`);
    expect(roles).toEqual(['node-1 node', 'node-2 node', 'node-3 node', 'reflector reflector']);
  });

  test('starts as a full mesh, in which nobody dials the reflector', () => {
    const plan = planAfter(0);
    expect(remotes(plan, 'node-1')).toEqual(['node-2', 'node-3']);
    expect(remotes(plan, 'reflector')).toEqual([]);
    expect(plan.routesOf(member(plan, 'reflector'))).toEqual([]);
  });

  test('then has mesh and reflector side by side', () => {
    const plan = planAfter(1);
    expect([...remotes(plan, 'node-1')].sort()).toEqual(['node-2', 'node-3', 'reflector']);
    expect(remotes(plan, 'reflector')).toEqual(['node-1', 'node-2', 'node-3']);
  });

  test('ends with the reflector alone', () => {
    const plan = planAfter(2);
    expect(remotes(plan, 'node-1')).toEqual(['reflector']);
    expect(plan.routesOf(member(plan, 'node-1'))).toEqual([
      { prefix: '10.244.0.64/26', nextHop: '172.30.0.2', programmed: true },
      { prefix: '10.244.1.128/26', nextHop: '172.30.0.2', programmed: true },
      { prefix: '10.244.2.192/26', nextHop: '172.30.0.3', programmed: true },
    ]);
  });

  test('gives each block its first two addresses as pods', () => {
    const plan = planAfter(0);
    const pods = member(plan, 'node-2').blocks.map((block) => block.pods);
    expect(pods).toEqual([
      ['10.244.0.64', '10.244.0.65'],
      ['10.244.1.128', '10.244.1.129'],
    ]);
  });
});

test('a reflector knows every block but programs none', () => {
  const plan = planAfter(2);
  const routes = plan.routesOf(member(plan, 'reflector'));
  expect(routes.map(({ programmed }) => programmed)).toEqual([false, false, false, false]);
});

test('a pool that Felix programs is not expected in the FIB by BGP', () => {
  const encapsulated = quickstart().map((resource) =>
    resource.kind === 'IPPool'
      ? { ...resource, spec: { ...resource.spec, ipipMode: 'Always' } }
      : resource,
  );
  const plan = planOf(encapsulated);
  const routes = plan.routesOf(member(plan, 'node-1'));
  expect(routes.map(({ programmed }) => programmed)).toEqual([false, false, false]);
});

test('a pending block is nobody’s yet', () => {
  const pending = quickstart().map((resource) =>
    resource.kind === 'BlockAffinity'
      ? { ...resource, spec: { ...resource.spec, state: 'pending' } }
      : resource,
  );
  const plan = planOf(pending);
  expect(plan.members.flatMap(({ blocks }) => blocks)).toEqual([]);
});
