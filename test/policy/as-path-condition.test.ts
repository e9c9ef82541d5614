import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAsPathPattern, parseAsPathPattern } from '../../src/config/as-path-pattern.ts';
import { compileAsPaths } from '../../src/policy/as-path-condition.ts';
import { newEdits } from '../../src/policy/edits.ts';
import { attributes, route } from './routes.ts';

const matches = (pattern: string, asns: readonly number[]): boolean =>
  compileAsPaths([pattern])(
    route('10.0.0.0/8', { attributes: attributes({ asPath: [{ type: 'sequence', asns }] }) }),
    newEdits(),
  );

const token = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map(String),
  fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 4 }))
    .map((at) => at.join('..')),
  fc.constantFrom('?', '*'),
);

/** The same question to a regular expression over one letter an AS number. */
function oracle(pattern: string, asns: readonly number[]): boolean {
  const source = pattern
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      if (word === '?') return '.';
      if (word === '*') return '.*';
      const [from = '', to = from] = word.split('..');
      return `[${from}-${to}]`;
    })
    .join('');
  return new RegExp(`^${source}$`).test(asns.join(''));
}

test('a pattern matches what a regular expression would', () => {
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 6 }).map((words) => words.join(' ')),
      fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 8 }),
      (pattern, asns) => {
        expect(matches(pattern, asns)).toBe(oracle(pattern, asns));
      },
    ),
  );
});

test('a pattern of many stars is not slow on a long path', () => {
  const stars = Array.from({ length: 32 }, () => '* 1').join(' ');
  const long = Array.from({ length: 5000 }, () => 1);
  expect(matches(`${stars} 2`, long)).toBe(false);
});

test('the canonical text of a pattern parses to itself', () => {
  fc.assert(
    fc.property(fc.array(token, { maxLength: 10 }), (words) => {
      const tokens = parseAsPathPattern(words.join('  '));
      expect(tokens && parseAsPathPattern(formatAsPathPattern(tokens))).toEqual(tokens);
    }),
  );
});

test.each(['65001..64999', '4294967296', '-1', 'x', '65001..', `${'* '.repeat(65)}`])(
  'refuses %j',
  (text) => {
    expect(parseAsPathPattern(text)).toBeUndefined();
  },
);
