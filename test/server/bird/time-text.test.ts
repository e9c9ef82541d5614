import { expect, test } from 'vitest';
import { dateTimeText, sinceText } from '../../../src/server/bird/time-text.ts';

/** Local time, as BIRD's. */
const at = new Date(2026, 10, 21, 8, 1, 7);
const HOUR = 3_600_000;

test('a moment of today is shown by its time of day, an older one by its date', () => {
  const since = at.toISOString();
  expect(sinceText(since, at.getTime() + 19 * HOUR)).toBe('08:01:07');
  expect(sinceText(since, at.getTime() + 21 * HOUR)).toBe('2026-11-21');
  expect(sinceText('', at.getTime())).toBe('-');
  expect(dateTimeText(at.getTime())).toBe('2026-11-21 08:01:07');
});
