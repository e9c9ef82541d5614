import { parseBlock, type Statement } from './code.ts';
import { Cursor, lex } from './lexer.ts';

/** One line of a protocol: its words, and the code block if it has one. */
export interface Option {
  readonly words: readonly string[];
  readonly code: readonly Statement[] | undefined;
}

export interface Section {
  /** `protocol` or `template`, the protocol, its name. */
  readonly kind: string;
  readonly protocol: string;
  readonly name: string;
  readonly options: readonly Option[];
}

export interface BirdConfiguration {
  readonly functions: ReadonlyMap<string, readonly Statement[]>;
  readonly sections: readonly Section[];
  /** Top-level lines such as `router id` and `listen bgp`. */
  readonly lines: readonly (readonly string[])[];
}

/** Parses the files of one BIRD process, included ones simply joined. */
export function parseBird(texts: readonly string[]): BirdConfiguration {
  const cursor = new Cursor(lex(texts.join('\n')));
  const functions = new Map<string, readonly Statement[]>();
  const sections: Section[] = [];
  const lines: string[][] = [];
  while (!cursor.done) {
    const word = cursor.next().text;
    if (word === '}' || word === ';') continue;
    if (word === 'function' || word === 'filter') {
      const name = cursor.next().text;
      skipTo(cursor, '{');
      functions.set(name, parseBlock(cursor));
    } else if (word === 'protocol' || word === 'template') {
      sections.push(parseSection(cursor, word));
    } else {
      lines.push([word, ...skipTo(cursor, ';')]);
    }
  }
  return { functions, sections, lines };
}

function parseSection(cursor: Cursor, kind: string): Section {
  const [protocol = '', name = ''] = skipTo(cursor, '{');
  const options: Option[] = [];
  while (!cursor.take('}')) {
    const words: string[] = [];
    let code: readonly Statement[] | undefined;
    while (!cursor.take(';')) {
      if (cursor.take('{')) {
        if (words.at(-1) === 'filter') code = parseBlock(cursor);
        else skipTo(cursor, '}');
      } else words.push(cursor.next().text);
    }
    options.push({ words, code });
  }
  return { kind, protocol, name, options };
}

function skipTo(cursor: Cursor, end: string): readonly string[] {
  const words: string[] = [];
  while (!cursor.take(end)) words.push(cursor.next().text);
  return words;
}
