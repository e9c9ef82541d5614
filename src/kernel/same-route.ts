import type { KernelRoute, NextHop } from './kernel.ts';

type Ways = Pick<KernelRoute, 'type' | 'nextHops'>;

/**
 * True when the kernel shows what was wanted: the same type and the same set of next hops, where a
 * wanted hop without an interface takes any.
 */
export function sameWays(wanted: Ways, shown: Ways): boolean {
  if (wanted.type !== shown.type || wanted.nextHops.length !== shown.nextHops.length) return false;
  const [first] = wanted.nextHops;
  if (first === undefined) return true;
  const [other] = shown.nextHops;
  if (wanted.nextHops.length === 1) return other !== undefined && sameHop(first, other);
  const left = [...shown.nextHops];
  return wanted.nextHops.every((hop) => {
    const at = left.findIndex((candidate) => sameHop(hop, candidate));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

const sameHop = (wanted: NextHop, shown: NextHop): boolean =>
  wanted.gateway === shown.gateway &&
  (wanted.interface === '' || wanted.interface === shown.interface) &&
  wanted.onlink === shown.onlink &&
  wanted.weight === shown.weight;
