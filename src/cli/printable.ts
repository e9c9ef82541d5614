/** Control, format and line-separating characters, and lone surrogates: what a terminal may obey. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text that others chose, fit for a terminal: what it would obey becomes `\x1b` or `\u{202e}`. */
export const printable = (text: string): string =>
  text.replace(OBEYED, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });

/** JSON with the same characters as `\u` escapes; the value stays the same. */
export const printableJson = (value: unknown, space = 0): string =>
  JSON.stringify(value, undefined, space).replace(OBEYED, (char) =>
    char === '\n' ? char : escapeUnits(char),
  );

/** The value with every text in it printable. */
export function printableValue(value: unknown): unknown {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(printableValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [printable(key), printableValue(inner)]),
  );
}

const escapeUnits = (char: string): string =>
  Array.from(
    { length: char.length },
    (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
