import type { Facts } from './facts.ts';

/** A path in a speaker's table, in words that both speakers have. */
export interface TableRow {
  readonly prefix: string;
  /** `kernel`, `static`, `direct`, or the name of a peer. */
  readonly source: string;
  readonly best: boolean;
  readonly preference: number;
  /** What packets are handed to. */
  readonly way: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is to be known of accepted paths. */
export function tableFacts(rows: readonly TableRow[]): Facts {
  const facts = new Map<string, string>();
  for (const { prefix, source, best, preference, way, attributes } of rows) {
    const words = Object.entries(attributes).map(([name, value]) => `${name} ${value}`);
    const about = `path from ${source} ${prefix}`;
    facts.set(about, [way, `preference ${preference}`, ...words].join(', '));
    if (best) facts.set(`best ${prefix}`, withoutPort(source));
  }
  return facts;
}

/** Between sessions with one address BIRD prefers whichever came up first: no step tells them apart. */
const withoutPort = (source: string): string => source.replace(/_port_\d+$/, '');
