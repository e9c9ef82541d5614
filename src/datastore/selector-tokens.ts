export interface Token {
  /** `has` and `everything` are whole calls: `has(label)`, `all()` and `global()`. */
  readonly type: 'symbol' | 'operator' | 'string' | 'has' | 'everything' | 'label';
  /** Symbols and operators in normal form, strings without quotes, the label of `has`. */
  readonly text: string;
  /** Offset in the selector. */
  readonly at: number;
}

interface Pattern {
  readonly type: Token['type'];
  /** Sticky; the first group that took part is the text. */
  readonly expression: RegExp;
  /** Normal form where the expression allows several spellings. */
  readonly text?: string;
}

/** Operators that are words; only behind a label, since a label may be called `in`, too. */
const WORDS: readonly Pattern[] = [
  { type: 'operator', expression: /not\s*in\b/y, text: 'not in' },
  { type: 'operator', expression: /in\b/y, text: 'in' },
  { type: 'operator', expression: /contains\b/y, text: 'contains' },
  { type: 'operator', expression: /starts\s*with\b/y, text: 'starts with' },
  { type: 'operator', expression: /ends\s*with\b/y, text: 'ends with' },
];

const PATTERNS: readonly Pattern[] = [
  { type: 'operator', expression: /(==|!=)/y },
  { type: 'symbol', expression: /(&&|\|\||[(){},!])/y },
  { type: 'string', expression: /"([^"]*)"|'([^']*)'/y },
  { type: 'has', expression: /has\(\s*([a-zA-Z0-9_./-]{1,512})\s*\)/y },
  { type: 'everything', expression: /(?:all|global)\(\s*\)/y, text: 'all()' },
  { type: 'label', expression: /([a-zA-Z0-9_./-]{1,512})/y },
];

const SPACE = /\s*/y;

/** Splits a selector into tokens; a fault says what stands where nothing of the kind may stand. */
export function tokenize(
  text: string,
): { readonly tokens: readonly Token[] } | { readonly fault: string } {
  const tokens: Token[] = [];
  for (let at = skipSpace(text, 0); at < text.length; ) {
    const found = nextToken(text, at, tokens.at(-1)?.type === 'label');
    if (found === undefined) return { fault: `nothing begins with ${quoted(text, at)}` };
    tokens.push(found.token);
    at = skipSpace(text, found.end);
  }
  return { tokens };
}

/** What stands at `at`, for a message. */
export const quoted = (text: string, at: number): string =>
  at >= text.length ? 'the end' : `"${text.slice(at, at + 16)}" (character ${at + 1})`;

function nextToken(
  text: string,
  at: number,
  afterLabel: boolean,
): { readonly token: Token; readonly end: number } | undefined {
  for (const pattern of afterLabel ? [...WORDS, ...PATTERNS] : PATTERNS) {
    const { expression, type } = pattern;
    expression.lastIndex = at;
    const match = expression.exec(text);
    if (match === null) continue;
    const token = { type, at, text: pattern.text ?? match[1] ?? match[2] ?? '' };
    return { token, end: expression.lastIndex };
  }
  return undefined;
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return SPACE.lastIndex;
}
