import { expect, test } from 'vitest';
import { ageOf } from '../../src/cli/age.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';

const clock = new VirtualClock();
const ago = (seconds: number): string =>
  ageOf(new Date(clock.wallTime() - seconds * 1000).toISOString(), clock);

test.each([
  [0, '00:00:00'],
  [309, '00:05:09'],
  [86_399, '23:59:59'],
  [86_400, '1d00h'],
  [3 * 86_400 + 4.5 * 3600, '3d04h'],
  [100 * 86_400, '14w'],
  [-5, '00:00:00'],
])('%d seconds are %s', (seconds, text) => {
  expect(ago(seconds)).toBe(text);
});

test('an unknown moment has no age', () => {
  expect(ageOf(undefined, clock)).toBe('-');
  expect(ageOf('yesterday', clock)).toBe('-');
});
