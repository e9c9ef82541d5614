import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mix } from '../../src/net/mix.ts';
import { IdIndex } from '../../src/rib/id-index.ts';

function idsOf(index: IdIndex, hash: number): readonly number[] {
  const ids: number[] = [];
  for (let id = index.first(hash); id !== 0; id = index.again(hash)) ids.push(id);
  return ids.toSorted((a, b) => a - b);
}

test('holds what was inserted and not removed, through every split', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 9 }), (seed, share) => {
      const index = new IdIndex();
      const hashOf = (id: number): number => mix(id ^ seed);
      const count = 30_000;
      for (let id = 1; id <= count; id++) index.insert(hashOf(id), id);
      for (let id = 1; id <= count; id++) if (id % 10 < share) index.remove(hashOf(id), id);
      for (let id = 1; id <= count; id++) {
        const isLeft = id % 10 >= share;
        if (idsOf(index, hashOf(id)).includes(id) !== isLeft) throw new Error(`id ${id}`);
      }
      expect(index.size).toBe(
        Array.from({ length: count }, (_, i) => (i + 1) % 10).filter((at) => at >= share).length,
      );
    }),
    { numRuns: 10 },
  );
});

test('keeps ids of one hash apart', () => {
  const hash = fc.constantFrom(0, 1, 0xfff, 0x1000, -0x80000000, -1);
  const step = fc.record({ hash, insert: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
      const index = new IdIndex();
      const model = new Map<number, number[]>();
      let next = 1;
      for (const step of steps) {
        const known = model.get(step.hash) ?? [];
        model.set(step.hash, known);
        if (step.insert) {
          known.push(next);
          index.insert(step.hash, next++);
        } else {
          const gone = known.shift();
          if (gone !== undefined) index.remove(step.hash, gone);
        }
      }
      for (const [at, ids] of model) expect(idsOf(index, at)).toEqual(ids);
    }),
  );
});

test('says so when an id is not there', () => {
  const index = new IdIndex();
  index.insert(5, 1);
  expect(() => index.remove(5, 2)).toThrow(new RangeError('2 is not in the index'));
  expect(idsOf(index, 5)).toEqual([1]);
});

test('says so when it cannot tell hashes apart by their first bits', () => {
  const index = new IdIndex();
  const fill = (): void => {
    for (let id = 1; id <= 5000; id++) index.insert((0xabcde000 + (id & 0xfff)) | 0, id);
  };
  expect(fill).toThrow(new RangeError('too many hashes begin with the same bits'));
});
