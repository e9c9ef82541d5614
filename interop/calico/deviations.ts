import type { Difference, Facts } from './facts.ts';

/** A difference that is meant. */
export interface Deviation {
  readonly name: string;
  /** What BIRD does, as its row in `docs/calico-differences.md` begins. */
  readonly row: string;
  /** Whether a difference is of this kind; `bird` is all that is known of BIRD. */
  readonly covers: (difference: Difference, bird: Facts) => boolean;
}

/** The prefix that a fact is about, its last word. */
const prefixOf = (about: string): string => about.split(' ').at(-1) ?? '';

const pathsTo = (prefix: string, facts: Facts): readonly string[] =>
  [...facts].filter(([key]) => key.startsWith('path from') && prefixOf(key) === prefix).map(String);

/** The subject has nothing, or fewer of the same paths. */
const isLess = ({ bird, subject }: Difference): boolean => {
  const more = new Set(bird?.split(' and '));
  return subject === undefined || subject.split(' and ').every((path) => more.has(path));
};

const withClustersInOrder = (paths: string): string =>
  paths.replace(/"clusterList":\[([^\]]*)\]/g, (_, list: string) =>
    list.split(',').sort().join(','),
  );

export const DEVIATIONS: readonly Deviation[] = [
  {
    name: 'next hop that leads nowhere',
    row: 'A route whose next hop leads nowhere is used',
    covers: (difference, bird) =>
      /^(FIB|best|\S+ is told) /.test(difference.about) &&
      isLess(difference) &&
      pathsTo(prefixOf(difference.about), bird).some((path) => path.includes(',unreachable')),
  },
  {
    name: 'MED 0',
    row: 'A MED that must not go on is sent as 0',
    covers: ({ about, bird, subject }) =>
      about.includes(' is told ') && bird?.replace(/"med":0,|,"med":0/g, '') === subject,
  },
  {
    name: 'order of CLUSTER_LIST',
    row: 'Its cluster id is put behind CLUSTER_LIST',
    covers: ({ about, bird = '', subject = '' }) =>
      about.includes(' is told ') && withClustersInOrder(bird) === withClustersInOrder(subject),
  },
  {
    name: 'kernel route without metric',
    row: 'A kernel route without metric has metric 0',
    covers: ({ about }, bird) =>
      about.includes(' is told ') &&
      pathsTo(prefixOf(about), bird).some((path) => /from kernel .*metric 0\b/.test(path)),
  },
];
