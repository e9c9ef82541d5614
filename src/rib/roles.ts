import type { BgpRole } from '../wire/capabilities/role.ts';

/** RFC 9234 §5, by what we are to the peer. */

/** The peer sends us everything that it has: from a provider, peer or route server. */
const BELOW: ReadonlySet<BgpRole | undefined> = new Set(['customer', 'peer', 'rs-client']);
/** What we send goes no further up: to a customer, peer or client of our route server. */
const ABOVE: ReadonlySet<BgpRole | undefined> = new Set(['provider', 'peer', 'rs']);

/** Whoever sends a route with `otc` (undefined: without) in such a session has leaked it. */
export function isLeak(role: BgpRole, remoteAsn: number, otc: number | undefined): boolean {
  if (otc === undefined) return false;
  return role === 'provider' || role === 'rs' || (role === 'peer' && otc !== remoteAsn);
}

/** A route that comes in such a session is marked with the peer's AS number, unless it has a mark. */
export const marksIncoming = (role: BgpRole | undefined): boolean => BELOW.has(role);

/** A route that goes out in such a session is marked with ours, unless it has a mark. */
export const marksOutgoing = (role: BgpRole | undefined): boolean => ABOVE.has(role);

/** A marked route does not go out in such a session. */
export const holdsMarked = (role: BgpRole | undefined): boolean => BELOW.has(role);
