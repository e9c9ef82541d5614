import type { AddressBytes } from '../net/address.ts';
import { PrefixMap } from '../net/prefix-map.ts';
import type { LocalRoute } from './types.ts';

/** The routes of this machine by prefix: what next hops are resolved with. */
export class LocalRoutes {
  readonly #byPrefix = new PrefixMap<LocalRoute[]>();

  put(route: LocalRoute): void {
    const known = this.#byPrefix.get(route.prefix);
    if (known === undefined) this.#byPrefix.set(route.prefix, [route]);
    else known.push(route);
  }

  remove(route: LocalRoute): void {
    const known = this.#byPrefix.get(route.prefix);
    const at = known?.indexOf(route) ?? -1;
    if (known === undefined || at < 0) return;
    known.splice(at, 1);
    if (known.length === 0) this.#byPrefix.delete(route.prefix);
  }

  /** The route that the longest prefix around an address leads to, as the kernel would choose it. */
  covering(address: AddressBytes): LocalRoute | undefined {
    const match = this.#byPrefix.longestMatch(address);
    return match?.value.reduce(nearer);
  }
}

/** Attached before routed, then the lower metric; the first put wins a tie. */
function nearer(a: LocalRoute, b: LocalRoute): LocalRoute {
  const attached = Number(b.source === 'direct') - Number(a.source === 'direct');
  if (attached !== 0) return attached > 0 ? b : a;
  return (b.metric ?? 0) < (a.metric ?? 0) ? b : a;
}
