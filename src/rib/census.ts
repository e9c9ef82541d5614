import { FAMILIES, type Family } from '../net/family.ts';
import type { RibState } from './rib-state.ts';

/** Entries of each table of a RIB, and octets of the journals: what must not grow under churn. */
export function censusOf(state: RibState): Readonly<Record<string, number>> {
  const { records, nextHops, sources } = state;
  return {
    records: records.size,
    contexts: records.contexts.size,
    tunnels: records.tunnels,
    nextHops: nextHops.size,
    receivers: nextHops.receivers,
    sources: sources.size,
    ...Object.assign({}, ...FAMILIES.map((family) => familyCensus(state, family))),
  };
}

function familyCensus(state: RibState, family: Family): Readonly<Record<string, number>> {
  const { prefixes, paths, undecided, readers } = state.families[family];
  const groups = [...state.groups[family].all];
  const sum = (count: (group: (typeof groups)[number]) => number): number =>
    groups.reduce((total, group) => total + count(group), 0);
  const counts = {
    prefixes: prefixes.size,
    paths: paths.size,
    undecided,
    readers: readers,
    groups: groups.length,
    members: sum(({ members }) => members.size),
    sent: sum(({ routes }) => routes.sent.size),
    outs: sum(({ routes }) => routes.outs.size),
    pending: sum(({ waiting }) => waiting.pending),
    journal: sum(({ waiting }) => waiting.bytes),
    detours: sum(({ waiting }) => waiting.detours),
    missed: sum(({ waiting }) => waiting.missed),
  };
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [`${family} ${name}`, count]),
  );
}
