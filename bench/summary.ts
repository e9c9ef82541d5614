import { quantile } from './figures.ts';
import type { Row } from './scenario.ts';

/** Rows of one run of a scenario. */
export interface Result {
  readonly scenario: string;
  readonly run: number;
  readonly rows: readonly Row[];
}

/** One figure of a step in all runs: bengal's over another's, run by run. */
interface Comparison {
  readonly what: string;
  readonly figure: string;
  readonly other: string;
  readonly own: readonly number[];
  readonly theirs: readonly number[];
}

/** A Markdown table of bengal beside each other target over all runs; empty without others. */
export function summaryOf(results: readonly Result[]): string {
  const comparisons = comparisonsOf(results);
  if (comparisons.length === 0) return '';
  const head = ['what', 'figure', 'bengal', 'other', 'its', 'bengal / other', 'median'];
  const rule = ['---', '---', '---:', '---', '---:', '---:', '---:'];
  const lines = comparisons.map(({ what, figure, other, own, theirs }) => {
    const ratios = own.map((value, run) => value / (theirs[run] as number));
    return [
      what,
      figure,
      listed(own),
      other,
      listed(theirs),
      listed(ratios),
      quantile(ratios, 0.5).toFixed(2),
    ];
  });
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Only runs that have both figures count, so that the values of a comparison belong together. */
function comparisonsOf(results: readonly Result[]): readonly Comparison[] {
  const found = new Map<string, Comparison & { own: number[]; theirs: number[] }>();
  for (const { scenario, rows } of results) {
    for (const row of rows) {
      const own = rows.find(
        ({ target, what, size }) => target === 'bengal' && what === row.what && size === row.size,
      );
      if (own === undefined || row.target === 'bengal') continue;
      const what = [scenario, row.what, row.size].filter((at) => at !== undefined).join(', ');
      for (const [figure, value] of Object.entries(row.figures)) {
        const ours = own.figures[figure];
        if (ours === undefined || value <= 0) continue;
        const key = `${what} ${figure} ${row.target}`;
        const one = found.get(key) ?? { what, figure, other: row.target, own: [], theirs: [] };
        found.set(key, one);
        one.own.push(ours);
        one.theirs.push(value);
      }
    }
  }
  return [...found.values()];
}

const listed = (values: readonly number[]): string =>
  values.map((value) => (value >= 100 ? value.toFixed(0) : value.toFixed(2))).join(', ');
