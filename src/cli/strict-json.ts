const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * The value of a JSON text in which no object names a member twice; undefined for any other text.
 * For files that are YAML as well: there, a parser that knows where it stands says what is wrong,
 * but takes a second for the peers of a large reflector.
 */
export function parseStrictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // Of two members with one name JSON.parse has kept the last.
    return membersIn(value) === colonsIn(text) ? value : undefined;
  } catch {
    return undefined;
  }
}

function membersIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + membersIn(child), own);
}

/** Colons outside of strings: one for each member. */
function colonsIn(json: string): number {
  let colons = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (quoted && code === BACKSLASH) at++;
    else if (code === QUOTE) quoted = !quoted;
    else if (!quoted && code === COLON) colons++;
  }
  return colons;
}
