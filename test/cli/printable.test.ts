import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, printableJson, printableValue } from '../../src/cli/printable.ts';

const RUNS = { numRuns: Number(process.env['FC_RUNS'] ?? 100) };
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('text for terminals', () => {
  test('shows escape codes instead of obeying them', () => {
    expect(printable('\x1b[31mred\x07')).toBe('\\x1b[31mred\\x07');
    expect(printable('evil\u202etxt')).toBe('evil\\u{202e}txt');
  });

  test('leaves ordinary text of any language alone', () => {
    expect(printable('Grüße aus 東京')).toBe('Grüße aus 東京');
  });

  test('never holds a character that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(obeyed);
        expect(JSON.stringify(printableValue({ [text]: [text] }))).not.toMatch(obeyed);
      }),
      RUNS,
    );
  });

  test('as JSON is escaped and still the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const whole = JSON.parse(JSON.stringify({ value, text }));
        const json = printableJson(whole);
        expect(json).not.toMatch(obeyed);
        expect(JSON.parse(json)).toEqual(whole);
      }),
      RUNS,
    );
  });
});
