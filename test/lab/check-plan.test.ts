import { expect, test } from 'vitest';
import { checkPlan } from '../../src/lab/check-plan.ts';
import { planOf } from '../../src/lab/plan.ts';
import { calico } from '../datastore/objects.ts';
import { quickstart } from './stories.ts';

const node = (name: string, ipv4Address?: string): ReturnType<typeof calico> =>
  calico('Node', name, { bgp: ipv4Address === undefined ? {} : { ipv4Address } });

const NO_ADDRESS = 'has no address of its own, so it has no place on the network';

test('the quickstart can be put on one network', () => {
  expect(() => checkPlan(planOf(quickstart()))).not.toThrow();
});

test.each([
  ['the directory', 'describes no Node', []],
  ['Node a', NO_ADDRESS, [node('a')]],
  ['Node b', NO_ADDRESS, [node('a', '10.0.0.1/24'), node('b', '10.0.0.1/16')]],
  ['Node ../a', 'has a name that no network namespace can have', [node('../a', '10.0.0.1/24')]],
  [
    `Node ${'a'.repeat(51)}`,
    'has a name that no network namespace can have',
    [node('a'.repeat(51), '10.0.0.1/24')],
  ],
])('%s %s', (where, message, resources) => {
  expect(() => checkPlan(planOf(resources))).toThrow(
    expect.objectContaining({ where, message, cure: expect.stringMatching(/\S/) }),
  );
});
