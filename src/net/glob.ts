/** Compiles a shell-style interface-name pattern (`*` any run, `?` one character). */
export function compileGlob(pattern: string): (name: string) => boolean {
  return (name) => matches(pattern, name);
}

/** Linear-time wildcard match with one point of backtracking: no regular expression, no ReDoS. */
function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
