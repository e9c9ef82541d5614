import { readFileSync } from 'node:fs';
import type { Figures, Row } from './scenario.ts';

const NANOSECONDS = 1e6;

/** Milliseconds of CPU that the calling thread has used, those of collector and compiler not counted. */
export const threadCpu = (): number =>
  Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0]) / NANOSECONDS;

/** Milliseconds of CPU that a piece of work takes, all threads of this process included. */
export async function cpuOf(work: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** One row in place of all with the same target, step and size: the median of each figure. */
export function mediansOf(rows: readonly Row[]): readonly Row[] {
  const alike = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.size} ${row.target} ${row.what}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [row]);
    else known.push(row);
  }
  return [...alike.values()].map((same) => ({ ...(same[0] as Row), figures: medianOf(same) }));
}

function medianOf(rows: readonly Row[]): Figures {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = rows.flatMap(({ figures }) => figures[name] ?? []);
      return [name, quantile(values, 0.5)];
    }),
  );
}

export const megabytes = (bytes: number): number => bytes / 2 ** 20;

/** A Markdown table of the rows, then what others need as multiples of bengal. */
export function tableOf(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const lines = rows.map((row) => lineOf(row, row.figures, names, ''));
  const ratios = rows.flatMap((row) => {
    const own = rows.find(
      ({ target, what, size }) => target === 'bengal' && what === row.what && size === row.size,
    );
    if (own === undefined || row.target === 'bengal') return [];
    return [lineOf(row, ratioOf(row.figures, own.figures), names, ' / bengal')];
  });
  const head = ['what', 'target', ...names].join(' | ');
  const rule = ['---', '---', ...names.map(() => '---:')].join(' | ');
  return [head, rule, ...lines, ...ratios].map((line) => `| ${line} |`).join('\n');
}

const lineOf = (
  { what, size, target }: Row,
  figures: Figures,
  names: readonly string[],
  note: string,
): string =>
  [
    size === undefined ? what : `${what}, ${size}`,
    target + note,
    ...names.map((name) => shown(figures[name])),
  ].join(' | ');

const ratioOf = (figures: Figures, own: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) => {
      const base = own[name] ?? 0;
      return base > 0 ? [[name, value / base]] : [];
    }),
  );

function shown(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
