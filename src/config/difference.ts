/** What one list has and another has not. */
export interface Difference<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

/**
 * The step from one list to the next, at the cost of one comparison of identity for each item. Of
 * lists in the order of `textOf` it tells exactly what is not the very same object; of others perhaps
 * more, as gone and come.
 */
export function difference<T>(
  before: readonly T[],
  after: readonly T[],
  textOf: (item: T) => string,
): Difference<T> {
  const gone: T[] = [];
  const come: T[] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const old = before[left];
    const now = after[right];
    if (old === undefined || now === undefined) break;
    // Unlike `===`, it does not touch the object, which may be far away in memory.
    const same = Object.is(old, now);
    const order = same ? 0 : compare(textOf(old), textOf(now));
    if (!same && order <= 0) gone.push(old);
    if (!same && order >= 0) come.push(now);
    if (order <= 0) left++;
    if (order >= 0) right++;
  }
  for (const old of before.slice(left)) gone.push(old);
  for (const now of after.slice(right)) come.push(now);
  return { gone, come };
}

const compare = (a: string, b: string): number => (a > b ? 1 : a < b ? -1 : 0);
