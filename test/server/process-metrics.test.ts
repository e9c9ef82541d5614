import { expect, test } from 'vitest';
import type { Clock } from '../../src/runtime/clock.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { LoopDelay } from '../../src/server/process-metrics.ts';

test('the loop delay counts how late timers fire', () => {
  const virtual = new VirtualClock();
  let late = 0;
  const clock: Clock = {
    now: () => virtual.now() + late,
    wallTime: () => virtual.wallTime(),
    setTimer: (name, delay, fire) => virtual.setTimer(name, delay, fire),
    soon: (run) => virtual.soon(run),
  };
  const delay = new LoopDelay(clock);
  virtual.advance(250);
  late = 300;
  virtual.advance(50);
  delay.close();
  virtual.advance(1000);
  const samples = [...delay.family().samples];
  const bucket = (le: string): number | undefined =>
    samples.find(({ labels }) => labels?.['le'] === le)?.value;
  expect(bucket('0.001')).toBe(2);
  expect(bucket('0.25')).toBe(2);
  expect(bucket('0.5')).toBe(3);
  expect(bucket('+Inf')).toBe(3);
  expect(samples.find(({ suffix }) => suffix === '_sum')?.value).toBeCloseTo(0.3);
});
