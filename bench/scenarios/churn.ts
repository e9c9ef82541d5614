import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Churn } from '../../test/simulation/churn.ts';
import { cpuOf, megabytes } from '../figures.ts';
import type { Row, Scenario } from '../scenario.ts';

const HOUR = 3_600_000;
const HOURS = 24;
const EVERY = 10_000;

/** Octets in use once everything that nobody holds is gone. */
function inUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') for (let round = 0; round < 3; round++) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The first hour fills what grows once: capacities, and what the compiler keeps. */
async function day(): Promise<readonly Row[]> {
  const churn = new Churn(1);
  const start = churn.census;
  churn.run(HOUR, EVERY);
  const before = inUse();
  const spent = await cpuOf(() => {
    for (let hour = 1; hour < HOURS; hour++) churn.run(HOUR, EVERY);
  });
  const after = inUse();
  const moved = Object.entries(churn.census).filter(([table, count]) => start[table] !== count);
  for (const [table, count] of moved) console.error(`${table}: ${start[table]}, now ${count}`);
  const figures = {
    changes: churn.changes,
    'tables of another size': moved.length,
    'MB after an hour': megabytes(before),
    'MB after the day': megabytes(after),
    'growth %': (100 * (after - before)) / before,
    'CPU s': spent / 1000,
  };
  return [{ what: `${HOURS} hours`, target: 'bengal', figures }];
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'churn',
    about:
      'A ring of five nodes and a reflector through a day of changes in virtual time: every table ends as large as it began',
    needsRoot: false,
    run: day,
  },
];
