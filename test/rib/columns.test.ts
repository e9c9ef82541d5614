import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grownU8, grownU16, grownU32 } from '../../src/rib/columns.ts';

/** Beyond this a column of 32 bits has a place of its own. */
const MOST = 300_000;

test.each([
  ['8 bits', (length: number) => new Uint8Array(length), grownU8],
  ['16 bits', (length: number) => new Uint16Array(length), grownU16],
  ['32 bits', (length: number) => new Uint32Array(length), grownU32],
] as const)('a column of %s holds what was written, however it grows', (_bits, make, grow) => {
  const grown = grow as (column: Uint32Array, id: number) => Uint32Array;
  fc.assert(
    fc.property(fc.array(fc.nat(MOST), { minLength: 1, maxLength: 20 }), (ids) => {
      let column = make(16) as Uint32Array;
      const known = new Map<number, number>();
      for (const [index, id] of ids.entries()) {
        column = grown(column, id);
        column[id] = index + 1;
        known.set(id, index + 1);
      }
      expect([...known].map(([id]) => column[id])).toEqual([...known.values()]);
      expect(column.reduce((count, value) => count + Number(value !== 0), 0)).toBe(known.size);
    }),
    { numRuns: 20 },
  );
});
