import type { Family } from '../../src/net/family.ts';
import type { Route } from '../speaker.ts';

/** A line of ExaBGP's JSON API, as far as it is read here. */
export interface ExabgpEvent {
  readonly type: string;
  readonly neighbor: {
    readonly address: { readonly peer: string };
    readonly state?: string;
    readonly message?: { readonly update?: ExabgpUpdate };
  };
}

interface ExabgpUpdate {
  readonly attribute?: {
    readonly 'as-path'?:
      | readonly number[]
      | Readonly<Record<string, { readonly value: readonly number[] }>>;
    readonly 'originator-id'?: string;
    readonly 'cluster-list'?: readonly string[];
  };
  readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly Nlri[]>>>>;
  readonly withdraw?: Readonly<Record<string, readonly Nlri[]>>;
}

interface Nlri {
  readonly nlri: string;
  readonly 'path-information'?: string;
}

interface Held {
  readonly family: Family;
  readonly route: Route;
}

/** What the events leave: states of sessions, and routes that were announced and not withdrawn. */
export function replay(events: readonly ExabgpEvent[]): {
  readonly states: ReadonlyMap<string, string>;
  readonly routes: readonly Held[];
} {
  const states = new Map<string, string>();
  const routes = new Map<string, Held>();
  for (const { type, neighbor } of events) {
    const peer = neighbor.address.peer;
    if (type === 'state' && neighbor.state !== undefined) {
      states.set(peer, neighbor.state);
      if (neighbor.state === 'down') forget(routes, peer);
    }
    const update = neighbor.message?.update;
    if (update !== undefined) apply(routes, peer, update);
  }
  return { states, routes: [...routes.values()] };
}

function forget(routes: Map<string, Held>, peer: string): void {
  for (const key of [...routes.keys()]) if (key.startsWith(`${peer} `)) routes.delete(key);
}

const keyOf = (peer: string, { nlri, 'path-information': id = '' }: Nlri): string =>
  `${peer} ${nlri} ${id}`;

function apply(routes: Map<string, Held>, peer: string, update: ExabgpUpdate): void {
  for (const gone of Object.values(update.withdraw ?? {})) {
    for (const nlri of gone) routes.delete(keyOf(peer, nlri));
  }
  for (const [family, byNextHop] of Object.entries(update.announce ?? {})) {
    for (const [nextHop, announced] of Object.entries(byNextHop)) {
      if (!Array.isArray(announced)) continue;
      for (const nlri of announced as readonly Nlri[]) {
        const route = routeOf(nlri.nlri, nextHop, update.attribute ?? {});
        const held = { family: family.replace(' ', '-') as Family, route };
        routes.set(keyOf(peer, nlri), held);
      }
    }
  }
}

function routeOf(
  prefix: string,
  nextHop: string,
  attributes: NonNullable<ExabgpUpdate['attribute']>,
): Route {
  const path = attributes['as-path'] ?? [];
  const asns = Array.isArray(path) ? path : Object.values(path).flatMap(({ value }) => value);
  const originatorId = attributes['originator-id'];
  const clusterList = attributes['cluster-list'];
  return {
    prefix,
    nextHop,
    asPath: asns.join(' '),
    best: true,
    ...(originatorId === undefined ? {} : { originatorId }),
    ...(clusterList === undefined ? {} : { clusterList }),
  };
}
