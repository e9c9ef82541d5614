import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PrefixMatch } from '../../src/config/types.ts';
import { containsPrefix, equalPrefixes, parsePrefix } from '../../src/net/prefix.ts';
import { compilePrefixes } from '../../src/policy/prefix-condition.ts';
import { route } from './routes.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

/** Few bits differ, so that prefixes meet. */
const prefixText = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.integer({ min: 0, max: 32 }))
    .map(([a, b, length]) => `10.${a}.${b * 64}.0/${length}`),
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.integer({ min: 0, max: 128 }))
    .map(([a, b, length]) => `fd00:${a}::${b}:0:${a}/${length}`),
);
const length = fc.option(fc.nat(64), { nil: undefined });
const condition = fc
  .tuple(fc.constantFrom('in', 'notIn', 'equal', 'notEqual'), prefixText, length, length)
  .map(([kind, text, ge, le]) => ({ [kind]: text, ge, le }) as unknown as PrefixMatch);

function naive(match: PrefixMatch, text: string): boolean {
  const inner = parsePrefix(text);
  const written = Object.values(match).find((value) => typeof value === 'string');
  const outer = parsePrefix(String(written));
  if (inner === undefined || outer === undefined) throw new Error('not a prefix');
  if ('equal' in match) return equalPrefixes(outer, inner);
  if ('notEqual' in match) return !equalPrefixes(outer, inner);
  const { ge = 0, le = 128 } = match;
  const held = containsPrefix(outer, inner) && inner.length >= ge && inner.length <= le;
  return 'in' in match ? held : !held;
}

test('compiled prefix conditions, short lists and long, agree with the naive reading', () => {
  fc.assert(
    fc.property(fc.array(condition, { maxLength: 20 }), prefixText, (matches, text) => {
      const expected = matches.some((match) => naive(match, text));
      expect(compilePrefixes(matches)(route(text))).toBe(expected);
    }),
    { numRuns },
  );
});

test('a long list of positive conditions finds a prefix by hash', () => {
  const matches = Array.from(
    { length: 64 },
    (_, index): PrefixMatch => ({ in: `10.${index}.0.0/16`, ge: undefined, le: 24 }),
  );
  const test = compilePrefixes(matches);
  expect([
    test(route('10.63.1.0/24')),
    test(route('10.64.1.0/24')),
    test(route('10.1.1.1/32')),
  ]).toEqual([true, false, false]);
});
