import { type Difference, difference } from '../config/difference.ts';
import type { View } from '../datastore/resources/views.ts';
import { isSame } from './last.ts';
import type { MakePeer, PeerOutcome } from './peer-config.ts';
import { peeringKey } from './peering.ts';
import { byPlace, type Claim, type PeeringSource } from './peering-source.ts';
import { keyOfView } from './trace.ts';

interface Known {
  readonly inputs: readonly unknown[];
  readonly items: readonly View[];
  readonly claims: Map<View, readonly Claim[]>;
}

interface Endpoint {
  /** In the order in which they count; at least one, but for a moment. */
  claims: readonly Claim[];
  outcome: PeerOutcome | undefined;
}

/** The peers by their endpoints, kept up as the objects behind them come and go. */
export class SessionTable {
  #sources: ReadonlyMap<string, Known> = new Map();
  readonly #endpoints = new Map<string, Endpoint>();
  /** Endpoints whose claims changed. */
  readonly #touched = new Set<string>();
  #make: MakePeer | undefined;

  /** The step to the peers that these sources make; `make` is another one when it gives another result. */
  update(sources: readonly PeeringSource[], make: MakePeer): Difference<PeerOutcome> {
    const before = this.#sources;
    this.#sources = new Map(
      sources.map((source) => [source.order, this.#follow(source, before.get(source.order))]),
    );
    for (const [order, known] of before) if (!this.#sources.has(order)) this.#forget(known);
    if (make !== this.#make) for (const key of this.#endpoints.keys()) this.#touched.add(key);
    this.#make = make;
    return this.#settle(make);
  }

  #follow(source: PeeringSource, before: Known | undefined): Known {
    const { order, items, inputs } = source;
    const known = before !== undefined && isSame(before.inputs, inputs) ? before : undefined;
    if (before !== undefined && known === undefined) this.#forget(before);
    const claims = known?.claims ?? new Map<View, readonly Claim[]>();
    const step = difference(known?.items ?? [], items, keyOfView);
    for (const item of step.gone) {
      for (const claim of claims.get(item) ?? []) this.#drop(claim);
      claims.delete(item);
    }
    for (const item of step.come) {
      const made = source.peeringsOf(item).map((peering) => ({ peering, source: order, item }));
      if (made.length > 0) claims.set(item, made);
      for (const claim of made) this.#add(claim);
    }
    return { inputs, items, claims };
  }

  #forget({ claims }: Known): void {
    for (const made of claims.values()) for (const claim of made) this.#drop(claim);
  }

  #add(claim: Claim): void {
    const key = peeringKey(claim.peering);
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) this.#endpoints.set(key, { claims: [claim], outcome: undefined });
    else endpoint.claims = [...endpoint.claims, claim].sort(byPlace);
    this.#touched.add(key);
  }

  #drop(claim: Claim): void {
    const key = peeringKey(claim.peering);
    const endpoint = this.#endpoints.get(key);
    if (endpoint === undefined) return;
    endpoint.claims = endpoint.claims.filter((at) => at !== claim);
    this.#touched.add(key);
  }

  #settle(make: MakePeer): Difference<PeerOutcome> {
    const gone: PeerOutcome[] = [];
    const come: PeerOutcome[] = [];
    for (const key of this.#touched) {
      const endpoint = this.#endpoints.get(key);
      if (endpoint === undefined) continue;
      if (endpoint.outcome !== undefined) gone.push(endpoint.outcome);
      const [first, ...others] = endpoint.claims.map(({ peering }) => peering);
      if (first === undefined) this.#endpoints.delete(key);
      else {
        endpoint.outcome = make(first, others);
        come.push(endpoint.outcome);
      }
    }
    this.#touched.clear();
    return { gone, come };
  }
}
