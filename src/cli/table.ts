import { printable } from './printable.ts';

export interface Column<Row> {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
  text(row: Row): string;
  /** Colour where colours are welcome. */
  tone?(row: Row): Tone | undefined;
}

export type Tone = 'good' | 'bad';

export interface TableStyle {
  readonly wide: boolean;
  readonly colour: boolean;
}

/** Rows that decide the widths of the columns; longer texts in later rows push the line out. */
const SAMPLE = 1000;
const CODES: Readonly<Record<Tone, string>> = { good: '\x1b[32m', bad: '\x1b[31m' };
const RESET = '\x1b[0m';

/** The lines of a table, of any length in bounded memory. */
export async function* tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: AsyncIterable<Row>,
  style: TableStyle,
): AsyncGenerator<string> {
  const shown = columns.filter(({ wide }) => style.wide || wide !== true);
  const sample: Row[] = [];
  let widths: readonly number[] | undefined;
  for await (const row of rows) {
    if (widths === undefined && sample.push(row) < SAMPLE) continue;
    if (widths === undefined) {
      widths = widthsOf(shown, sample);
      yield* head(shown, sample, widths, style);
    } else yield rowLine(shown, row, widths, style);
  }
  if (widths === undefined) yield* head(shown, sample, widthsOf(shown, sample), style);
}

function* head<Row>(
  columns: readonly Column<Row>[],
  sample: readonly Row[],
  widths: readonly number[],
  style: TableStyle,
): Generator<string> {
  yield line(columns.map(({ title, align }, i) => pad(title.toUpperCase(), widths[i], align)));
  for (const row of sample) yield rowLine(columns, row, widths, style);
}

function rowLine<Row>(
  columns: readonly Column<Row>[],
  row: Row,
  widths: readonly number[],
  { colour }: TableStyle,
): string {
  const cells = columns.map((column, i) => {
    const cell = pad(printable(column.text(row)), widths[i], column.align);
    const tone = colour ? column.tone?.(row) : undefined;
    return tone === undefined ? cell : CODES[tone] + cell + RESET;
  });
  return line(cells);
}

const line = (cells: readonly string[]): string => `${cells.join('  ').trimEnd()}\n`;

const widthsOf = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly number[] =>
  columns.map((column) =>
    rows.reduce(
      (width, row) => Math.max(width, printable(column.text(row)).length),
      column.title.length,
    ),
  );

const pad = (text: string, width = 0, align?: 'right'): string =>
  align === 'right' ? text.padStart(width) : text.padEnd(width);
