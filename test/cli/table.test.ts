import { describe, expect, test } from 'vitest';
import { type Column, tableLines } from '../../src/cli/table.ts';

interface Row {
  readonly name: string;
  readonly size: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'Name', text: ({ name }) => name, tone: ({ size }) => (size > 5 ? 'bad' : undefined) },
  { title: 'Extra', wide: true, text: () => 'x' },
  { title: 'Size', align: 'right', text: ({ size }) => String(size) },
];

async function* rowsOf(rows: Iterable<Row>): AsyncGenerator<Row> {
  yield* rows;
}

async function table(rows: Iterable<Row>, wide = false, colour = false): Promise<string> {
  let text = '';
  for await (const line of tableLines(columns, rowsOf(rows), { wide, colour })) text += line;
  return text;
}

describe('a table', () => {
  test('is as wide as its widest cell, numbers to the right', async () => {
    const rows = [
      { name: 'a', size: 1 },
      { name: 'longer', size: 1234567 },
    ];
    expect(await table(rows)).toBe('NAME       SIZE\na             1\nlonger  1234567\n');
  });

  test('has its titles when it is empty', async () => {
    expect(await table([])).toBe('NAME  SIZE\n');
  });

  test('shows more columns when wide', async () => {
    expect(await table([{ name: 'a', size: 1 }], true)).toBe(
      'NAME  EXTRA  SIZE\na     x         1\n',
    );
  });

  test('colours what stands out, and only where colours are welcome', async () => {
    const rows = [{ name: 'a', size: 6 }];
    expect(await table(rows, false, true)).toContain('\x1b[31ma   \x1b[0m');
    expect(await table(rows)).not.toContain('\x1b');
  });

  test('does not obey escape codes in its cells', async () => {
    expect(await table([{ name: '\x1b]0;owned\x07', size: 1 }])).toContain('\\x1b]0;owned\\x07');
  });

  test('of thousands of rows comes while they come', async () => {
    let made = 0;
    const endless = function* (): Generator<Row> {
      for (;;) yield { name: `row ${made++}`, size: made };
    };
    const lines = tableLines(columns, rowsOf(endless()), { wide: false, colour: false });
    expect((await lines.next()).value).toContain('NAME');
    expect(made).toBeLessThan(2000);
    await lines.return(undefined);
  });
});
