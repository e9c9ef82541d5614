import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Difference, difference } from '../../src/config/difference.ts';

interface Item {
  readonly name: string;
}

/** Two objects of each name. */
const PAIRS: readonly (readonly Item[])[] = [1, 2, 3, 4, 5, 6].map((number) => [
  { name: `n${number}` },
  { name: `n${number}` },
]);

/** Of each name the one, the other or none, in order. */
const inOrder = fc
  .tuple(...PAIRS.map((pair) => fc.constantFrom(undefined, ...pair)))
  .map((drawn) => drawn.flatMap((item) => item ?? []));

const step = (before: readonly Item[], after: readonly Item[]): Difference<Item> =>
  difference(before, after, ({ name }) => name);

test('tells exactly what one of two lists in order lacks', () => {
  const property = fc.property(inOrder, inOrder, (before, after) => {
    expect(step(before, after)).toEqual({
      gone: before.filter((item) => !after.includes(item)),
      come: after.filter((item) => !before.includes(item)),
    });
  });
  fc.assert(property);
});

test('leads from any list to any other', () => {
  const shuffled = fc.shuffledSubarray(PAIRS.flat());
  const property = fc.property(shuffled, shuffled, (before, after) => {
    const { gone, come } = step(before, after);
    const reached = new Set([...before.filter((item) => !gone.includes(item)), ...come]);
    expect(reached).toEqual(new Set(after));
  });
  fc.assert(property);
});
