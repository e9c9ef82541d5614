import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseStrictJson } from '../../src/cli/strict-json.ts';

test('gives what a YAML parser gives, for any JSON', () => {
  const value = fc.jsonValue({ noUnicodeString: true }).filter((each) => each !== null);
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), (each, indent) => {
      const text = JSON.stringify(each, null, indent);
      const parsed = parseStrictJson(text);
      expect(parsed).toEqual(JSON.parse(text));
      if (!text.includes('__proto__') && !text.includes('-0')) expect(parsed).toEqual(parse(text));
    }),
  );
});

test.each([
  ['a member twice', '{"a":1,"a":2}'],
  ['a member twice, spelled otherwise', '{"a":1,"\\u0061":2}'],
  ['a member twice, deep down', '[{"a":{"b":[{"c":1,"c":1}]}}]'],
  ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
  ['YAML', 'a: 1'],
  ['JSON that is cut', '{"a":'],
  ['nothing', ''],
])('leaves to others: %s', (_what, text) => {
  expect(parseStrictJson(text)).toBeUndefined();
});

test.each(['{":":":\\":"}', '{"a\\\\":1}', '"a:b"', '{"__proto__":{"a":1}}'])(
  'is not misled by %s',
  (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  },
);
