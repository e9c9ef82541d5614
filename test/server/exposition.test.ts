import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exposition } from '../../src/server/exposition.ts';
import type { MetricSample } from '../../src/server/view.ts';

const text = (samples: MetricSample[], help = 'help'): string =>
  [...exposition([{ name: 'm', type: 'gauge', help, samples }])].join('');

const unescaped = (value: string): string =>
  value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));

describe('Prometheus text', () => {
  test('gives a label back as it was, whatever a peer wrote into it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const line = text([{ labels: { peer: value }, value: 1 }]).split('# TYPE m gauge\n')[1];
        expect(line?.indexOf('\n')).toBe((line?.length ?? 0) - 1);
        const label = /^m\{peer="(.*)"\} 1\n$/su.exec(line ?? '')?.[1];
        expect(unescaped(label ?? '')).toBe(value);
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    );
  });

  test('keeps help on one line', () => {
    expect(text([], 'a\nb\\c')).toBe('# HELP m a\\nb\\\\c\n# TYPE m gauge\n');
  });

  test('writes infinite and missing numbers in its own words', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 0.25];
    const lines = text(values.map((value) => ({ value })))
      .trimEnd()
      .split('\n')
      .slice(2);
    expect(lines).toEqual(['m +Inf', 'm -Inf', 'm NaN', 'm 0.25']);
  });

  test('puts the suffix of a histogram behind the name', () => {
    expect(text([{ suffix: '_bucket', labels: { le: '+Inf' }, value: 2 }])).toContain(
      'm_bucket{le="+Inf"} 2\n',
    );
  });
});
