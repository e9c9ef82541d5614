import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSelector } from '../../src/datastore/selector.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

const LABELS = new Map([
  ['role', 'worker'],
  ['rack', 'r-17'],
  ['projectcalico.org/zone', 'a'],
  ['in', 'x'],
]);

function matches(text: string): boolean | string {
  const parsed = parseSelector(text);
  return 'fault' in parsed ? parsed.fault : parsed.selector.matches(LABELS);
}

describe('selector', () => {
  test.each([
    ['', true],
    ['  ', true],
    ['all()', true],
    ['global( )', true],
    ["role == 'worker'", true],
    ['role=="worker"', true],
    ["role == 'master'", false],
    ["role != 'master'", true],
    ["absent != 'x'", true],
    ["absent == 'x'", false],
    ["role in {'master', 'worker'}", true],
    ["role in {'master'}", false],
    ['role in {}', false],
    ["role not in {'master'}", true],
    ["role notin{'worker'}", false],
    ["absent in {'x'}", false],
    ["absent not in {'x'}", true],
    ["rack contains '-1'", true],
    ["rack starts with 'r-'", true],
    ["rack startswith 'q'", false],
    ["rack ends with '17'", true],
    ["absent contains ''", false],
    ['has(role)', true],
    ['has( projectcalico.org/zone )', true],
    ['!has(absent)', true],
    ['!!has(role)', true],
    ["has(absent) || role == 'worker'", true],
    ["has(role) && role == 'master' || all()", true],
    ["has(role) && (role == 'master' || has(absent))", false],
    ["!(role == 'worker')", false],
    ["in == 'x'", true],
  ])('%s is %s', (text, expected) => {
    expect(matches(text)).toBe(expected);
  });

  test.each([
    ['role', 'expected an operator'],
    ['role ==', 'expected a quoted value, found the end'],
    ['role == worker', 'expected a quoted value, found "worker" (character 9)'],
    ["role = 'worker'", 'nothing begins with "= \'worker\'"'],
    ["(role == 'x'", 'expected ")"'],
    ["role == 'x')", 'expected "&&"'],
    ["role in {'x'", 'expected "}"'],
    ['&& all()', 'expected a label'],
    ['has()', 'expected an operator'],
    ["role == 'x", 'nothing begins with'],
  ])('%s is refused', (text, fault) => {
    expect(matches(text)).toContain(fault);
  });

  test('is refused, not crashed on, when it nests ten thousand deep', () => {
    const text = `${'('.repeat(10_000)}all()${')'.repeat(10_000)}`;
    expect(matches(text)).toBe('nests deeper than 64');
    expect(matches(`${'!'.repeat(10_000)}all()`)).toBe(true);
    expect(matches(Array<string>(3000).fill('all()').join(' && '))).toBe(true);
    expect(matches(' '.repeat(100_000))).toBe('is longer than 65536 characters');
  });

  test('never finds labels in the prototype of objects', () => {
    expect(matches("__proto__ == 'x' || has(constructor)")).toBe(false);
  });

  test('takes or refuses any text', () => {
    const part = fc.constantFrom('(', ')', '!', '&&', '||', 'in', '{', '}', "'a'", 'a', '==', ' ');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((at) => at.join('')),
        ),
        (text) => {
          const parsed = parseSelector(text);
          if ('selector' in parsed) expect(typeof parsed.selector.matches(LABELS)).toBe('boolean');
          else expect(parsed.fault).not.toBe('');
        },
      ),
      { numRuns },
    );
  });
});
