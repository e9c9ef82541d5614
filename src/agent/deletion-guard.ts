import type { Derived } from '../confd/types.ts';
import type { PeerConfig } from '../config/types.ts';
import { keyOf, type Resource } from '../datastore/datastore.ts';
import { FAMILIES } from '../net/family.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { claimsOf, losesAddresses } from './claims.ts';

/** Milliseconds within which disappearances add up. */
const WINDOW = 60_000;
/** So few are no mass, so that three nodes can shrink to one; but two Nodes are when none is left. */
const FEW = 2;
/** Vanished objects that are remembered; beyond, the oldest count as deleted. */
const MAX_VANISHED = 50_000;

/** Kinds whose objects stay in force while a mass deletion is held back. */
const KEPT_KINDS: ReadonlySet<string> = new Set([
  'Node',
  'BGPPeer',
  'BGPConfiguration',
  'BGPFilter',
  'IPPool',
  'BlockAffinity',
  'Secret',
]);

export interface DeletionGuardOptions {
  /** Part of the Nodes or peers that may not vanish within a minute; undefined for no guard. */
  readonly share: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletions that are not taken for real. */
export interface HeldDeletions {
  /** Wall-clock milliseconds. */
  readonly since: number;
  /** What vanished so suddenly. */
  readonly reason: string;
  /** Keys of the objects that stay in force. */
  readonly objects: readonly string[];
}

type Derive = (resources: Iterable<Resource>) => Derived;
type Live = ReadonlyMap<string, Resource>;

interface Vanished {
  readonly resource: Resource;
  readonly at: number;
}

/**
 * Holds back a mass disappearance (design decision 7): when so many Nodes, or objects behind so many
 * peers, vanish within a minute, whatever vanished stays in force until all of it is back or replaced, or
 * a person accepts the deletion. What exists is always taken as it is.
 */
export class DeletionGuard {
  readonly #options: DeletionGuardOptions;
  /** In the order of vanishing, with the last state that was good for something. */
  readonly #vanished = new Map<string, Vanished>();
  #held: Pick<HeldDeletions, 'since' | 'reason'> | undefined;
  #settledAt = 0;
  /** Most peers that were derived since something vanished; not known before the first derivation. */
  #mostPeers = Number.POSITIVE_INFINITY;

  constructor(options: DeletionGuardOptions) {
    this.#options = options;
  }

  get held(): HeldDeletions | undefined {
    return this.#held && { ...this.#held, objects: [...this.#vanished.keys()] };
  }

  /** An object is there, changed from `before`. */
  appeared(resource: Resource, before: Resource | undefined): void {
    const key = keyOf(resource);
    const known = this.#vanished.get(key)?.resource ?? before;
    if (known !== undefined && losesAddresses(known, resource)) this.vanished(known);
    else this.#vanished.delete(key);
  }

  vanished(resource: Resource): void {
    const key = keyOf(resource);
    if (this.#options.share === undefined || !KEPT_KINDS.has(resource.kind)) return;
    if (this.#vanished.has(key)) return;
    this.#vanished.set(key, { resource, at: this.#options.clock.now() });
    const [oldest = ''] = this.#vanished.keys();
    if (this.#vanished.size > MAX_VANISHED) this.#vanished.delete(oldest);
  }

  /** The view is whole again: what was missed while it was not counts as of now. */
  settled(): void {
    this.#settledAt = this.#options.clock.now();
  }

  /** What counts as there: everything that is, and what is held back. */
  view(live: Live): Iterable<Resource> {
    return this.#held === undefined ? live.values() : this.#whole(live);
  }

  /** Derives from what counts as there. */
  derive(live: Live, derive: Derive): Derived {
    this.#forget(live);
    if (this.#held === undefined) this.#judgeNodes(live);
    const derived = derive(this.view(live));
    return this.#held === undefined ? this.#judgePeers(live, derived, derive) : derived;
  }

  /** Takes the deletions for real; returns the keys of the objects. */
  accept(): readonly string[] {
    const objects = [...this.#vanished.keys()];
    this.#release('deletions were accepted: they count now', objects.length);
    return objects;
  }

  #forget(live: Live): void {
    if (this.#held !== undefined) {
      const before = this.#vanished.size;
      this.#dropReplaced(live);
      if (this.#vanished.size === 0) this.#release('nothing is missing any more', before);
      return;
    }
    const oldest = this.#options.clock.now() - WINDOW;
    for (const [key, { at }] of this.#vanished) {
      if (Math.max(at, this.#settledAt) < oldest) this.#vanished.delete(key);
    }
  }

  /** Whatever exists goes before what is only remembered, as a node under its new name. */
  #dropReplaced(live: Live): void {
    const claims = new Set<string>();
    for (const [key, resource] of live) {
      if (!this.#vanished.has(key)) for (const claim of claimsOf(resource)) claims.add(claim);
    }
    for (const [key, { resource }] of this.#vanished) {
      if (claimsOf(resource).some((claim) => claims.has(claim))) this.#vanished.delete(key);
    }
  }

  #judgeNodes(live: Live): void {
    if (this.#lossOfNodes(live) === undefined) return;
    this.#dropReplaced(live);
    const loss = this.#lossOfNodes(live);
    if (loss !== undefined) this.#hold(loss);
  }

  #lossOfNodes(live: Live): string | undefined {
    const lost = [...this.#vanished.values()].filter(({ resource }) => isNode(resource)).length;
    if (lost === 0) return undefined;
    let left = 0;
    for (const [key, resource] of live) if (isNode(resource) && !this.#vanished.has(key)) left++;
    const few = lost < FEW || (lost === FEW && left > 0);
    if (few || !this.#isShare(lost, lost + left)) return undefined;
    return `${lost} of ${lost + left} Nodes vanished`;
  }

  /** An edit may take away as many peers as it likes; only what vanished objects took with them counts. */
  #judgePeers(live: Live, derived: Derived, derive: Derive): Derived {
    if (derived.config === undefined) return derived;
    const { peers } = derived.config;
    if (this.#vanished.size === 0) this.#mostPeers = 0;
    this.#mostPeers = Math.max(this.#mostPeers, peers.length);
    if (this.#mostPeers - peers.length <= FEW) return derived;
    this.#dropReplaced(live);
    const whole = derive(this.#whole(live));
    const loss = this.#lossOfPeers(whole.config?.peers ?? [], peers);
    this.#mostPeers = whole.config?.peers.length ?? 0;
    if (loss === undefined) return derived;
    this.#hold(loss);
    return whole;
  }

  /** By family: a node of both is not twice as much. */
  #lossOfPeers(before: readonly PeerConfig[], after: readonly PeerConfig[]): string | undefined {
    const names = new Set(after.map(({ name }) => name));
    for (const family of FAMILIES) {
      const all = before.filter(({ families }) => families.includes(family));
      const lost = all.filter(({ name }) => !names.has(name)).length;
      if (lost > FEW && this.#isShare(lost, all.length))
        return `objects behind ${lost} of ${all.length} ${family} peers vanished`;
    }
    return undefined;
  }

  #isShare(lost: number, all: number): boolean {
    const { share } = this.#options;
    return share !== undefined && lost >= share * all;
  }

  #whole(live: Live): Iterable<Resource> {
    const remembered = [...this.#vanished].map(([key, { resource }]) => [key, resource] as const);
    return new Map([...live, ...remembered]).values();
  }

  #hold(reason: string): void {
    const { clock, logger } = this.#options;
    this.#held = { since: clock.wallTime(), reason };
    logger.error(
      { reason, objects: this.#vanished.size },
      'mass deletion held back: what vanished stays in force until it returns, or bengal accept-deletion',
    );
  }

  #release(message: string, objects: number): void {
    if (this.#held !== undefined) this.#options.logger.warn({ objects }, message);
    this.#held = undefined;
    this.#vanished.clear();
  }
}

const isNode = ({ kind }: Resource): boolean => kind === 'Node';
