import type { Family } from '../net/family.ts';
import type { Negotiated } from './negotiated.ts';

/** Seconds after which a restarted speaker selects routes whoever is still missing. */
export const DEFERRAL_CAP = 240;

/**
 * What a restarted speaker waits for before it selects routes, RFC 4724 §4.1: the End-of-RIB of
 * each family from every peer with graceful restart that has not itself restarted. Immutable.
 */
export interface Deferral {
  /** By peer name: families without End-of-RIB yet; `unknown` until the peer is up. */
  readonly awaited: ReadonlyMap<string, ReadonlySet<Family> | 'unknown'>;
  /** Once true, it stays so. */
  readonly done: boolean;
}

export type DeferralEvent =
  | { readonly type: 'peer-up'; readonly peer: string; readonly negotiated: Negotiated }
  | { readonly type: 'peer-eor'; readonly peer: string; readonly family: Family }
  /** The session was lost: the peer may come back and is awaited again. */
  | { readonly type: 'peer-gone'; readonly peer: string }
  /** The peer left the configuration, or can never come up. */
  | { readonly type: 'peer-removed'; readonly peer: string }
  | { readonly type: 'cap-reached' };

/** Waits for all of `peers` (configured, with graceful restart on); over at once if there is none. */
export function newDeferral(peers: Iterable<string>): Deferral {
  const awaited = new Map([...peers].map((peer) => [peer, 'unknown'] as const));
  return { awaited, done: awaited.size === 0 };
}

/** What an event makes of the deferral; the same object if nothing changed. */
export function deferralStep(deferral: Deferral, event: DeferralEvent): Deferral {
  if (deferral.done) return deferral;
  switch (event.type) {
    case 'peer-up':
      return expect(deferral, event.peer, awaitedOf(event.negotiated));
    case 'peer-eor':
      return arrived(deferral, event.peer, event.family);
    case 'peer-gone':
      return deferral.awaited.has(event.peer) ? expect(deferral, event.peer, 'unknown') : deferral;
    case 'peer-removed':
      return expect(deferral, event.peer, new Set());
    case 'cap-reached':
      return { ...deferral, done: true };
  }
}

/** Nobody waits for a peer that sent R: it may be waiting for us. */
function awaitedOf({ gracefulRestart }: Negotiated): ReadonlySet<Family> {
  if (gracefulRestart === undefined || gracefulRestart.restarting) return new Set();
  return new Set(gracefulRestart.families);
}

function arrived(deferral: Deferral, peer: string, family: Family): Deferral {
  const families = deferral.awaited.get(peer);
  if (families === undefined || families === 'unknown' || !families.has(family)) return deferral;
  const rest = new Set(families);
  rest.delete(family);
  return expect(deferral, peer, rest);
}

/** A peer of which nothing is awaited is forgotten, so that it is not awaited again. */
function expect(
  deferral: Deferral,
  peer: string,
  families: ReadonlySet<Family> | 'unknown',
): Deferral {
  if (!deferral.awaited.has(peer)) return deferral;
  const awaited = new Map(deferral.awaited);
  if (families !== 'unknown' && families.size === 0) awaited.delete(peer);
  else awaited.set(peer, families);
  return { awaited, done: awaited.size === 0 };
}
