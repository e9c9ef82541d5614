/** One line of an answer; `code` is BIRD's reply code, four digits. */
export interface Line {
  readonly code: number;
  readonly text: string;
  /** The answer ends here. */
  readonly last: boolean;
}

export const line = (code: number, text: string): Line => ({ code, text, last: false });

/** The line that ends an answer; without words it is just the end. */
export const end = (code = 0, text = ''): Line => ({ code, text, last: true });

/** An answer of one line. */
export const only = (code: number, text: string): Iterable<Line> => [end(code, text)];

/**
 * The text of an answer as BIRD 1.6 writes it. An empty part stands for work that gave no line, so
 * that whoever writes may pause there.
 *
 *     NNNN-text   a line, more follow      NNNN text   the last line
 *      text       a line with the code of the one before
 */
export function* framed(lines: Iterable<Line | undefined>): Generator<string> {
  let before: number | undefined;
  for (const at of lines) {
    if (at === undefined) {
      yield '';
      continue;
    }
    const { code, text, last } = at;
    const digits = String(code).padStart(4, '0');
    if (last) yield `${digits} ${text}\n`;
    else yield code === before ? ` ${text}\n` : `${digits}-${text}\n`;
    before = code;
  }
}

/** Text that came from outside, without what would break the framing. */
export const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
