import { quoted, type Token, tokenize } from './selector-tokens.ts';

/** A Calico label selector, ready to be asked. */
export interface Selector {
  readonly text: string;
  matches(labels: Labels): boolean;
}

type Labels = ReadonlyMap<string, string>;
type Test = (labels: Labels) => boolean;

/** Parentheses within parentheses; more than anyone writes, few enough for any stack. */
const MAX_DEPTH = 64;
const MAX_LENGTH = 65_536;

/** Parses a selector; the empty one matches everything. A fault says what is wrong and where. */
export function parseSelector(
  text: string,
): { readonly selector: Selector } | { readonly fault: string } {
  if (text.length > MAX_LENGTH) return { fault: `is longer than ${MAX_LENGTH} characters` };
  const split = tokenize(text);
  if ('fault' in split) return split;
  if (split.tokens.length === 0) return { selector: { text, matches: () => true } };
  try {
    return { selector: { text, matches: new Parser(text, split.tokens).parse() } };
  } catch (error) {
    if (error instanceof SelectorFault) return { fault: error.message };
    throw error;
  }
}

class SelectorFault extends Error {}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  parse(): Test {
    const test = this.#either();
    if (this.#at < this.#tokens.length) throw this.#unexpected('"&&", "||" or the end');
    return test;
  }

  #either(): Test {
    const tests = [this.#both()];
    while (this.#take('symbol', '||')) tests.push(this.#both());
    return tests.length === 1 ? only(tests) : (labels) => tests.some((test) => test(labels));
  }

  #both(): Test {
    const tests = [this.#negated()];
    while (this.#take('symbol', '&&')) tests.push(this.#negated());
    return tests.length === 1 ? only(tests) : (labels) => tests.every((test) => test(labels));
  }

  #negated(): Test {
    let negate = false;
    while (this.#take('symbol', '!')) negate = !negate;
    const test = this.#condition();
    return negate ? (labels) => !test(labels) : test;
  }

  #condition(): Test {
    if (this.#take('symbol', '(')) return this.#group();
    if (this.#take('everything')) return () => true;
    const has = this.#take('has');
    if (has) return (labels) => labels.has(has.text);
    const label = this.#take('label');
    if (label === undefined) throw this.#unexpected('a label, has(…), all() or "("');
    const operator = this.#take('operator');
    if (operator === undefined) throw this.#unexpected('an operator such as == behind the label');
    return this.#comparison(label.text, operator.text);
  }

  #group(): Test {
    if (++this.#depth > MAX_DEPTH) throw new SelectorFault(`nests deeper than ${MAX_DEPTH}`);
    const test = this.#either();
    if (!this.#take('symbol', ')')) throw this.#unexpected('")"');
    this.#depth--;
    return test;
  }

  #comparison(label: string, operator: string): Test {
    if (operator === 'in' || operator === 'not in') {
      const wanted = operator === 'in';
      const values = this.#set();
      return (labels) => values.has(labels.get(label)) === wanted;
    }
    const value = this.#take('string')?.text;
    if (value === undefined) throw this.#unexpected('a quoted value');
    if (operator === '==') return (labels) => labels.get(label) === value;
    if (operator === '!=') return (labels) => labels.get(label) !== value;
    if (operator === 'contains') return (labels) => labels.get(label)?.includes(value) ?? false;
    if (operator === 'starts with')
      return (labels) => labels.get(label)?.startsWith(value) ?? false;
    return (labels) => labels.get(label)?.endsWith(value) ?? false;
  }

  /** The set's type admits undefined so that an absent label can be looked up, never found. */
  #set(): ReadonlySet<string | undefined> {
    if (!this.#take('symbol', '{')) throw this.#unexpected('"{"');
    const values = new Set<string | undefined>();
    for (let value = this.#take('string'); value; value = this.#take('string')) {
      values.add(value.text);
      if (!this.#take('symbol', ',')) break;
    }
    if (!this.#take('symbol', '}')) throw this.#unexpected('"}" or a quoted value');
    return values;
  }

  #take(type: Token['type'], text?: string): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.type !== type || (text !== undefined && token.text !== text)) return undefined;
    this.#at++;
    return token;
  }

  #unexpected(wanted: string): SelectorFault {
    const at = this.#tokens[this.#at]?.at ?? this.#text.length;
    return new SelectorFault(`expected ${wanted}, found ${quoted(this.#text, at)}`);
  }
}

const only = ([test = () => false]: readonly Test[]): Test => test;
