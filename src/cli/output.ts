import type { Io } from './io.ts';
import type { CommandLine, OptionSyntax } from './options.ts';
import { printableJson, printableValue } from './printable.ts';
import { type Column, tableLines } from './table.ts';

export type Format = 'table' | 'wide' | 'json' | 'yaml';

export const OUTPUT_OPTION: OptionSyntax = {
  short: 'o',
  value: 'FORMAT',
  choices: ['table', 'wide', 'json', 'yaml'],
  help: 'how to print; default table',
};

export function formatOf(line: CommandLine): Format {
  const text = line.get('output');
  return text === 'wide' || text === 'json' || text === 'yaml' ? text : 'table';
}

/** Prints rows as they come; a list in JSON and YAML. Returns how many there were. */
export async function printRows<Row extends object>(
  rows: AsyncIterable<Row>,
  columns: readonly Column<Row>[],
  format: Format,
  io: Io,
): Promise<number> {
  let count = 0;
  const counted = async function* (): AsyncGenerator<Row> {
    for await (const row of rows) {
      count++;
      yield row;
    }
  };
  const lines = linesOf(counted(), columns, format, io);
  for await (const text of lines) await io.write(text);
  return count;
}

function linesOf<Row extends object>(
  rows: AsyncIterable<Row>,
  columns: readonly Column<Row>[],
  format: Format,
  io: Io,
): AsyncIterable<string> {
  switch (format) {
    case 'json':
      return jsonLines(rows);
    case 'yaml':
      return yamlLines(rows);
    case 'table':
    case 'wide':
      return tableLines(columns, rows, { wide: format === 'wide', colour: io.colour });
  }
}

/** Prints one document, which has a form of its own as a table. */
export async function printDocument(
  value: object,
  format: Format,
  table: () => string,
  io: Io,
): Promise<void> {
  if (format === 'json') await io.write(`${printableJson(value, 2)}\n`);
  else if (format === 'yaml') await io.write(await yamlText(value));
  else await io.write(table());
}

async function* jsonLines(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const row of rows) {
    yield before + printableJson(row);
    before = ',\n';
  }
  yield before === ',\n' ? '\n]\n' : '[]\n';
}

async function* yamlLines(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let empty = true;
  for await (const row of rows) {
    empty = false;
    yield yamlText([row]);
  }
  if (empty) yield '[]\n';
}

async function yamlText(value: object): Promise<string> {
  const { stringify } = await import('yaml');
  return stringify(printableValue(value), { lineWidth: 0, aliasDuplicateObjects: false });
}
