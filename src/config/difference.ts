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
  let [left, right] = [0, 0];
  for (;;) {
    const [old, now] = [before[left], after[right]];
    if (old === undefined || now === undefined) break;
    if (old === now) {
      left++;
      right++;
      continue;
    }
    const [oldText, nowText] = [textOf(old), textOf(now)];
    if (oldText <= nowText) {
      gone.push(old);
      left++;
    }
    if (oldText >= nowText) {
      come.push(now);
      right++;
    }
  }
  return { gone: gone.concat(before.slice(left)), come: come.concat(after.slice(right)) };
}
