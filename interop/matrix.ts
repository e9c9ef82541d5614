import { writeFileSync } from 'node:fs';
import type { Place } from './place.ts';
import { versionOf } from './products/installed.ts';
import type { Scenario } from './scenario.ts';
import { PRODUCTS, type Product } from './speaker.ts';

/** What came of one scenario with one peer. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly peer: Product;
  readonly verdict: 'pass' | 'lacks' | 'FAIL';
  /** What failed, what the peer lacks, or a remark. */
  readonly words: string;
}

const NAMES: Readonly<Record<Product, string>> = {
  bengal: 'bengal',
  bird: 'BIRD',
  frr: 'FRR',
  gobgp: 'GoBGP',
  openbgpd: 'OpenBGPD',
  exabgp: 'ExaBGP',
};

/** Writes the outcomes as a page: a row for each scenario, a column for each peer. */
export function writeMatrix(file: string, outcomes: readonly Outcome[], place: Place): void {
  const peers = PRODUCTS.filter((product) => outcomes.some(({ peer }) => peer === product));
  const scenarios = [...new Set(outcomes.map(({ scenario }) => scenario))];
  const heads = peers.map((peer) => `${NAMES[peer]} ${versionOf(peer, place.rootOf(peer))}`);
  const notes: string[] = [];
  const cell = (scenario: Scenario, peer: Product): string => {
    const outcome = outcomes.find((at) => at.scenario === scenario && at.peer === peer);
    if (outcome === undefined) return '·';
    if (outcome.verdict !== 'lacks') return outcome.verdict;
    const note = `${NAMES[peer]}: ${outcome.words}`;
    if (!notes.includes(note)) notes.push(note);
    return `lacks it [${notes.indexOf(note) + 1}]`;
  };
  const rows = scenarios.map((scenario) =>
    row([`\`${scenario.name}\``, scenario.title, ...peers.map((peer) => cell(scenario, peer))]),
  );
  const head = ['case', 'what it shows', ...heads];
  writeFileSync(
    file,
    [
      '# Interoperability',
      '',
      'Written by `npm run interop -- --write docs/interop.md`: every cell was run, each party in a network',
      'namespace of its own. `lacks it` means that the peer has no such thing, or no words for it in its',
      'configuration; `·` that the case is written for other peers.',
      '',
      row(head),
      row(head.map(() => '---')),
      ...rows,
      '',
      ...notes.map((note, index) => `${index + 1}. ${note}`),
      '',
    ].join('\n'),
  );
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
