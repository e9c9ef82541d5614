/** The known name that someone who wrote `name` most likely meant, if one is near. */
export function suggestion(name: string, known: readonly string[]): string | undefined {
  if (name.length > 64) return undefined;
  const written = name.toLowerCase();
  const limit = Math.max(name.length < 4 ? 1 : 2, Math.floor(name.length / 4));
  const near = known
    .map((word) => ({ word, distance: distance(written, word.toLowerCase()) }))
    .filter((at) => at.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.word;
}

/** Levenshtein's: insertions, deletions and replacements from `a` to `b`. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
