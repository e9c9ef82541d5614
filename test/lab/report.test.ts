import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/lab/observation.ts';
import { echoNews, echoSummary, missingLines, news, resultTable } from '../../src/lab/report.ts';
import type { Verdict } from '../../src/lab/verdict.ts';

const VERDICT: Verdict = {
  member: 'node-1',
  role: 'node',
  dead: false,
  sessions: { have: 1, want: 2 },
  rib: { have: 3, want: 3 },
  fib: { have: 3, want: 3 },
  echoes: { have: 0, want: 0 },
  answered: 0,
  lost: 0,
  missing: ['session Mesh_10_0_0_2 is Active'],
};

const observation = (change: Partial<Observation>): Observation => ({
  member: 'node-1',
  sessions: new Map(),
  rib: [],
  fib: [],
  ...change,
});

test('the table has a line for each member and step', () => {
  const results = [{ chapter: 'start', verdicts: [VERDICT] }];
  expect(resultTable(results)).toBe(
    [
      'STEP   MEMBER  ROLE  SESSIONS  RIB  FIB  ECHOES  ANSWERED  LOST',
      'start  node-1  node  1/2       3/3  3/3  -       0         0',
      '',
    ].join('\n'),
  );
  expect(results.flatMap(missingLines)).toEqual([
    'start: node-1: session Mesh_10_0_0_2 is Active\n',
  ]);
});

describe('news', () => {
  test('tells sessions that come, go, and are no longer configured', () => {
    const up = observation({
      sessions: new Map([
        ['a', { state: 'Established', reason: '' }],
        ['b', { state: 'Established', reason: '' }],
        ['c', { state: 'Active', reason: 'refused' }],
      ]),
    });
    expect(news(undefined, up)).toEqual([
      'node-1       session a Established\n',
      'node-1       session b Established\n',
    ]);
    const down = observation({ sessions: new Map([['a', { state: 'Idle', reason: 'cut' }]]) });
    expect(news(up, down)).toEqual([
      'node-1       session a Idle (cut)\n',
      'node-1       session b removed\n',
      'node-1       session c removed\n',
    ]);
  });

  test('tells kernel routes that come and go', () => {
    const before = observation({ fib: [{ prefix: '10.1.0.0/26', nextHop: '10.0.0.2' }] });
    const after = observation({ fib: [{ prefix: '10.1.0.0/26', nextHop: '10.0.0.3' }] });
    expect(news(before, after)).toEqual([
      'node-1       kernel route 10.1.0.0/26 via 10.0.0.3\n',
      'node-1       kernel route 10.1.0.0/26 via 10.0.0.2 gone\n',
    ]);
    expect(news(after, after)).toEqual([]);
  });

  test('tells the first answer of a flow, and every loss', () => {
    const flow = { member: 'node-1', from: '10.1.0.0', to: '10.2.0.0', sent: 9 };
    const silent = [{ ...flow, answered: 0, lost: 0 }];
    const answered = [{ ...flow, answered: 5, lost: 0 }];
    const lossy = [{ ...flow, answered: 6, lost: 2 }];
    expect(echoNews([], silent)).toEqual([]);
    expect(echoNews(silent, answered)).toEqual([
      'node-1       echo 10.1.0.0 → 10.2.0.0 answered\n',
    ]);
    expect(echoNews(answered, lossy)).toEqual(['node-1       echo 10.1.0.0 → 10.2.0.0: 2 LOST\n']);
  });
});

test('the table says whose process was killed', () => {
  const results = [{ chapter: 'start', verdicts: [{ ...VERDICT, dead: true }] }];
  expect(resultTable(results)).toContain('node (dead)');
});

test('the account of the echoes names what counts for neither side', () => {
  const flow = { member: 'node-1', from: '10.1.0.0', to: '10.2.0.0' };
  const echoes = [
    { ...flow, sent: 10, answered: 6, lost: 1 },
    { ...flow, sent: 5, answered: 5, lost: 0 },
  ];
  expect(echoSummary(echoes)).toBe(
    '15 echoes sent, 11 answered, 1 lost, 3 too early for a way or still on theirs',
  );
});
