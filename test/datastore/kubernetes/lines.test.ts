import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter } from '../../../src/datastore/kubernetes/lines.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

test('lines are the same however their bytes are cut', () => {
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', 'ü', '')));
  fc.assert(
    fc.property(text, fc.array(fc.nat(7)), (parts, cuts) => {
      const bytes = Buffer.from(`${parts.join('')}\n`);
      const lines = new LineSplitter();
      const read: string[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = at + 1 + (cuts[i % Math.max(1, cuts.length)] ?? 0);
        read.push(...lines.take(bytes.subarray(at, end)));
        at = end;
      }
      const whole = bytes.toString('utf8').split('\n');
      expect(read).toEqual(whole.filter((line) => line.trim() !== ''));
    }),
    { numRuns },
  );
});

test('a line without an end is refused', () => {
  const lines = new LineSplitter();
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  expect(() => {
    for (let i = 0; i < 40; i++) lines.take(megabyte);
  }).toThrow(RangeError);
});
