import { describe, expect, test } from 'vitest';
import { ECHO_PATIENCE, FlowCounter, flowsOf } from '../../src/lab/echo.ts';
import { planOf } from '../../src/lab/plan.ts';
import { quickstart } from './stories.ts';

describe('a flow', () => {
  test('counts an answer once', () => {
    const flow = new FlowCounter();
    const request = flow.sent(0);
    flow.answered(request);
    flow.answered(request);
    expect(flow.counts).toEqual({ sent: 1, answered: 1, lost: 0 });
  });

  test('loses nothing before the first answer', () => {
    const flow = new FlowCounter();
    flow.sent(0);
    flow.sent(10);
    flow.expire(ECHO_PATIENCE);
    flow.answered(flow.sent(ECHO_PATIENCE));
    flow.expire(2 * ECHO_PATIENCE);
    expect(flow.counts).toEqual({ sent: 3, answered: 1, lost: 0 });
  });

  test('loses what is not answered in time afterwards', () => {
    const flow = new FlowCounter();
    flow.answered(flow.sent(0));
    flow.sent(10);
    flow.expire(10 + ECHO_PATIENCE - 1);
    expect(flow.counts.lost).toBe(0);
    flow.expire(10 + ECHO_PATIENCE);
    expect(flow.counts).toEqual({ sent: 2, answered: 1, lost: 1 });
  });

  test('does not take back a loss for an answer that comes too late', () => {
    const flow = new FlowCounter();
    flow.answered(flow.sent(0));
    const late = flow.sent(0);
    flow.expire(ECHO_PATIENCE);
    flow.answered(late);
    expect(flow.counts).toEqual({ sent: 2, answered: 1, lost: 1 });
  });
});

test('flows try every pod of every node in both directions', () => {
  const plan = planOf(quickstart());
  const flows = flowsOf(plan);
  const pods = plan.members.flatMap(({ blocks }) => blocks.flatMap((block) => block.pods)).sort();
  expect([...new Set(flows.map(({ from }) => from))].sort()).toEqual(pods);
  expect([...new Set(flows.map(({ to }) => to))].sort()).toEqual(pods);
  for (const { from, to } of flows) {
    const owner = plan.members.find(({ blocks }) => blocks.some((at) => at.pods.includes(from)));
    expect(owner?.blocks.some((at) => at.pods.includes(to))).toBe(false);
  }
});
