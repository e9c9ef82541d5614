import type { Product } from '../../speaker.ts';
import { BIRD } from './explained-bird.ts';
import { FRR } from './explained-frr.ts';

/** Why a peer does otherwise in some cases: what bengal and what the peer makes of each of them. */
export interface Explanation {
  readonly cases: RegExp;
  readonly ours: string;
  readonly theirs: string;
  readonly why: string;
}

/** A case and what both made of it. */
export interface Compared {
  readonly id: string;
  readonly ours: string;
  readonly theirs: string;
}

const EXPLAINED: Readonly<Partial<Record<Product, readonly Explanation[]>>> = {
  frr: FRR,
  bird: BIRD,
};

export const explanationsFor = (product: Product): readonly Explanation[] =>
  EXPLAINED[product] ?? [];

/** Differences without an explanation, and explanations of what is not so. */
export function complaints(
  explanations: readonly Explanation[],
  compared: readonly Compared[],
): readonly string[] {
  const unexplained = compared.filter(
    (one) => one.ours !== one.theirs && !explanations.some((why) => explains(why, one)),
  );
  const idle = explanations.filter(({ cases }) => !compared.some(({ id }) => cases.test(id)));
  const wrong = explanations.flatMap((why) =>
    compared.filter((one) => why.cases.test(one.id) && !explains(why, one)),
  );
  return [
    ...unexplained.map((one) => `without an explanation: ${wordsOf(one)}`),
    ...wrong.map((one) => `not as explained: ${wordsOf(one)}`),
    ...idle.map(({ cases }) => `an explanation without a case: ${cases}`),
  ];
}

const explains = ({ cases, ours, theirs }: Explanation, one: Compared): boolean =>
  cases.test(one.id) && ours === one.ours && theirs === one.theirs;

const wordsOf = ({ id, ours, theirs }: Compared): string => `${id}: ${ours}, theirs ${theirs}`;
