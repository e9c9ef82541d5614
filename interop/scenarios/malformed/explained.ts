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

/** What is wrong with a case: a difference without an explanation, or an explanation that does not hold. */
export function complaintOf(
  explanations: readonly Explanation[],
  one: Compared,
): string | undefined {
  const { id, ours, theirs } = one;
  const words = `${id}: ${ours}, theirs ${theirs}`;
  const own = explanations.find(({ cases }) => cases.test(id));
  if (own === undefined) return ours === theirs ? undefined : `without an explanation: ${words}`;
  return ours === own.ours && theirs === own.theirs ? undefined : `not as explained: ${words}`;
}

/** What is wrong with cases, and explanations of none of them. */
export function complaints(
  explanations: readonly Explanation[],
  compared: readonly Compared[],
): readonly string[] {
  const idle = explanations.filter(({ cases }) => !compared.some(({ id }) => cases.test(id)));
  return [
    ...compared.flatMap((one) => complaintOf(explanations, one) ?? []),
    ...idle.map(({ cases }) => `an explanation without a case: ${cases}`),
  ];
}
