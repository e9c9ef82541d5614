export interface Token {
  readonly type: 'word' | 'string' | 'symbol';
  readonly text: string;
}

/** Words take in prefixes, addresses and quoted names: `10.0.0.0/8`, `fd00::1`, `calico_aggr`. */
const TOKEN =
  /\s+|#[^\n]*|"(?<string>[^"]*)"|'(?<name>[^']*)'|(?<symbol>&&|\|\||!=|!~|<=|>=|[=~<>!(){};,+-])|(?<word>[A-Za-z0-9_.:/]+)/y;

/** The tokens of a BIRD 1.6 configuration, as far as Calico's use of it goes. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`no BIRD token at ${text.slice(at, at + 30)}`);
    const { string, name, symbol, word = name } = match.groups ?? {};
    if (string !== undefined) tokens.push({ type: 'string', text: string });
    else if (symbol !== undefined) tokens.push({ type: 'symbol', text: symbol });
    else if (word !== undefined) tokens.push({ type: 'word', text: word });
  }
  return tokens;
}

/** Walks over tokens; whatever is not as expected is an error of the test itself. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  peek(ahead = 0): string {
    return this.#tokens[this.#at + ahead]?.text ?? '';
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('the BIRD configuration ends early');
    return token;
  }

  take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.text !== text || token.type === 'string') return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new Error(`expected ${text}, found ${this.peek()}`);
  }
}
