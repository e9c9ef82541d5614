import type { MemoryFib } from '../kernel/memory-fib.ts';

interface Hop {
  readonly fib: MemoryFib;
}

/** As the TTL of a packet. */
const MOST_HOPS = 16;

/** Whether a packet that `from`'s machine sends to `to` arrives, by every FIB on its way. */
export function walk(machines: readonly Hop[], from: string, to: string): boolean {
  const ownerOf = (address: string): Hop | undefined =>
    machines.find(({ fib }) => fib.owns(address));
  let at = ownerOf(from);
  for (let hops = 0; at !== undefined && hops < MOST_HOPS; hops++) {
    if (at.fib.owns(to)) return true;
    const route = at.fib.lookup(to);
    const [next] = route?.nextHops ?? [];
    if (route?.type !== 'unicast' || next === undefined) return false;
    at = ownerOf(next.gateway ?? to);
  }
  return false;
}
