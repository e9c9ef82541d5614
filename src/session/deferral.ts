import type { Family } from '../net/family.ts';
import type { Negotiated } from './negotiated.ts';

/** Seconds after which a restarted speaker selects routes whoever is still missing. */
export const DEFERRAL_CAP = 240;

export type DeferralEvent =
  | { readonly type: 'peer-up'; readonly peer: string; readonly negotiated: Negotiated }
  | { readonly type: 'peer-eor'; readonly peer: string; readonly family: Family }
  /** The session was lost: the peer may come back and is awaited again. */
  | { readonly type: 'peer-gone'; readonly peer: string }
  /** The peer left the configuration, or can never come up. */
  | { readonly type: 'peer-removed'; readonly peer: string }
  | { readonly type: 'cap-reached' };

/** Families without End-of-RIB yet; `unknown` until the peer is up. */
type Awaited = ReadonlySet<Family> | 'unknown';

/**
 * What a restarted speaker waits for before it selects routes, RFC 4724 §4.1: the End-of-RIB of
 * each family from every peer with graceful restart that has not itself restarted.
 */
export class Deferral {
  readonly #awaited: Map<string, Awaited>;
  #done = false;

  /** Waits for all of `peers` (configured, with graceful restart on); over at once if there is none. */
  constructor(peers: Iterable<string>) {
    this.#awaited = new Map([...peers].map((peer) => [peer, 'unknown']));
    this.#done = this.#awaited.size === 0;
  }

  /** By peer name. */
  get awaited(): ReadonlyMap<string, Awaited> {
    return this.#awaited;
  }

  /** Once true, it stays so. */
  get done(): boolean {
    return this.#done;
  }

  step(event: DeferralEvent): void {
    if (this.#done) return;
    switch (event.type) {
      case 'peer-up':
        this.#expect(event.peer, awaitedOf(event.negotiated));
        break;
      case 'peer-eor':
        this.#arrived(event.peer, event.family);
        break;
      case 'peer-gone':
        this.#expect(event.peer, 'unknown');
        break;
      case 'peer-removed':
        this.#expect(event.peer, NOTHING);
        break;
      case 'cap-reached':
        this.#done = true;
    }
  }

  #arrived(peer: string, family: Family): void {
    const families = this.#awaited.get(peer);
    if (families === undefined || families === 'unknown' || !families.has(family)) return;
    const rest = new Set(families);
    rest.delete(family);
    this.#expect(peer, rest);
  }

  /** A peer of which nothing is awaited is forgotten, so that it is not awaited again. */
  #expect(peer: string, families: Awaited): void {
    if (!this.#awaited.has(peer)) return;
    if (families === 'unknown' || families.size > 0) this.#awaited.set(peer, families);
    else this.#awaited.delete(peer);
    this.#done = this.#awaited.size === 0;
  }
}

const NOTHING: ReadonlySet<Family> = new Set();

/** Nobody waits for a peer that sent R: it may be waiting for us. */
function awaitedOf({ gracefulRestart }: Negotiated): ReadonlySet<Family> {
  if (gracefulRestart === undefined || gracefulRestart.restarting) return NOTHING;
  return new Set(gracefulRestart.families);
}
