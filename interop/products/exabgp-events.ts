import type { Family } from '../../src/net/family.ts';
import { communitiesOf, type Route } from '../speaker.ts';

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
    readonly 'as-set'?: readonly number[];
    readonly 'confederation-path'?: readonly number[];
    readonly med?: number;
    readonly 'local-preference'?: number;
    readonly community?: readonly (readonly number[])[];
    readonly 'large-community'?: readonly (readonly number[])[];
    readonly 'extended-community'?: readonly ExtendedCommunity[];
    readonly 'originator-id'?: string;
    readonly 'cluster-list'?: readonly string[];
  };
  readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly Nlri[]>>>>;
  readonly withdraw?: Readonly<Record<string, readonly Nlri[]>>;
}

interface ExtendedCommunity {
  /** Its eight octets as a decimal number. */
  readonly value: string;
  /** Empty where ExaBGP does not know it. */
  readonly string: string;
}

interface Nlri {
  readonly nlri: string;
  readonly 'path-information'?: string;
}

interface Held {
  readonly family: Family;
  readonly route: Route;
}

/** Reads a line; an extended community is a greater number than JSON's parser can hold. */
export const exabgpEvent = (line: string): ExabgpEvent =>
  JSON.parse(line.replaceAll(/"value": (\d+)/g, '"value": "$1"')) as ExabgpEvent;

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

type Attributes = NonNullable<ExabgpUpdate['attribute']>;

function routeOf(prefix: string, nextHop: string, attributes: Attributes): Route {
  const { med, community, 'local-preference': localPref } = attributes;
  const extended = attributes['extended-community'] ?? [];
  const routeTarget = extended.find(({ string }) => string.startsWith('target:'))?.string;
  const bandwidth = extended
    .map(octetsOf)
    .find((octets) => LINK_BANDWIDTH.includes(octets.readUInt16BE()));
  const originatorId = attributes['originator-id'];
  const clusterList = attributes['cluster-list'];
  return {
    prefix,
    nextHop,
    asPath: asPathOf(attributes),
    best: true,
    ...(localPref === undefined ? {} : { localPref }),
    ...(med === undefined ? {} : { med }),
    ...communitiesOf(community?.map(colons), attributes['large-community']?.map(colons)),
    ...(routeTarget === undefined ? {} : { routeTarget: routeTarget.slice('target:'.length) }),
    ...(bandwidth === undefined ? {} : { linkBandwidth: bandwidth.readFloatBE(4) }),
    ...(originatorId === undefined ? {} : { originatorId }),
    ...(clusterList === undefined ? {} : { clusterList }),
  };
}

/** Type and subtype, not transitive and transitive. */
const LINK_BANDWIDTH: readonly number[] = [0x4004, 0x0004];

function octetsOf({ value }: ExtendedCommunity): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(value));
  return octets;
}

const colons = (parts: readonly number[]): string => parts.join(':');

function asPathOf(attributes: Attributes): string {
  const path = attributes['as-path'] ?? [];
  const asns = Array.isArray(path) ? path : Object.values(path).flatMap(({ value }) => value);
  const { 'confederation-path': confederation = [], 'as-set': set = [] } = attributes;
  return [
    ...(confederation.length === 0 ? [] : [`(${confederation.join(' ')})`]),
    ...asns,
    ...(set.length === 0 ? [] : [`{${set.join(' ')}}`]),
  ].join(' ');
}
