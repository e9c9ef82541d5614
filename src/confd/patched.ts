import type { Difference } from '../config/difference.ts';

type Compare<T> = (a: T, b: T) => number;

/** With so many changes per item sorting is as quick as looking for the places. */
const MANY = 1 / 8;

/**
 * A list in order after a step, in the same order: a copy, or the list itself where nothing happened.
 * Whatever goes must be in it.
 */
export function patched<T>(
  list: readonly T[],
  { gone, come }: Difference<T>,
  compare: Compare<T>,
): readonly T[] {
  if (gone.length + come.length === 0) return list;
  if (gone.length + come.length > list.length * MANY) {
    const without = new Set(gone);
    return [...list.filter((item) => !without.has(item)), ...come].sort(compare);
  }
  const result = [...list];
  const place = (item: T): number => placeOf(result, (at) => compare(at, item));
  for (const item of gone) result.splice(result.indexOf(item, place(item)), 1);
  for (const item of come) result.splice(place(item), 0, item);
  return result;
}

/** The first place of a list in order that does not go before what is looked for. */
export function placeOf<T>(list: readonly T[], compare: (item: T) => number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = list[middle];
    if (at !== undefined && compare(at) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
