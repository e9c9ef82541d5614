import { expect, test } from 'vitest';
import { Churn } from './churn.ts';

const MINUTES = 60_000;

test.each([1, 2])(
  'after an hour of changes every table is as in the beginning (seed %i)',
  (seed) => {
    const churn = new Churn(seed);
    const before = churn.census;
    churn.run(60 * MINUTES, 20_000);
    expect(churn.changes).toBe(180);
    expect(churn.census).toEqual(before);
  },
);
