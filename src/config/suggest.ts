/** The name of `known` that `written` was probably meant to be, at most two slips away. */
export function suggest(written: string, known: readonly string[]): string | undefined {
  const short = written.slice(0, 40).toLowerCase();
  let best: { readonly name: string; readonly slips: number } | undefined;
  for (const name of known) {
    const slips = distance(short, name.toLowerCase());
    if (slips <= 2 && slips < name.length && slips < (best?.slips ?? 3)) best = { name, slips };
  }
  return best?.name;
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
