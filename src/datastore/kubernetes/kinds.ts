import type { Resource } from '../datastore.ts';
import { isObject } from '../resources/schema.ts';

/** What is listed and watched as one: a kind, or a single object of it. */
export interface WatchedKind {
  readonly kind: string;
  /** The plural, or more where one kind is watched in several parts. */
  readonly id: string;
  /** Path below the group, with a query if need be. */
  readonly path: string;
  /** `calico` is the group that the cluster has for Calico's objects. */
  readonly group: 'v1' | 'discovery.k8s.io/v1' | 'calico';
  /**
   * The parts that are read by anyone here. What is left out never causes a put: a Node's status is
   * written every few seconds.
   */
  readonly parts: (resource: Resource) => Omit<Resource, 'apiVersion' | 'kind' | 'metadata'>;
}

/** What a derivation asks for beside the kinds that are always followed. */
export type WantedKind =
  | { readonly kind: 'Secret'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Service' | 'EndpointSlice' };

const calico = (kind: string, plural: string): WatchedKind => ({
  kind,
  id: plural,
  path: plural,
  group: 'calico',
  parts: ({ spec }) => ({ spec }),
});

/** The kinds that every derivation reads. */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  {
    kind: 'Node',
    id: 'nodes',
    path: 'nodes',
    group: 'v1',
    parts: ({ spec }) => ({ spec: only(spec, ['podCIDR', 'podCIDRs']) }),
  },
  calico('IPPool', 'ippools'),
  calico('BGPConfiguration', 'bgpconfigurations'),
  calico('BGPPeer', 'bgppeers'),
  calico('BGPFilter', 'bgpfilters'),
  calico('BlockAffinity', 'blockaffinities'),
];

/** What people ask to be told about nodes; no derivation reads it. */
export const NODE_STATUSES: WatchedKind = {
  ...calico('CalicoNodeStatus', 'caliconodestatuses'),
  parts: ({ spec, status }) => ({ spec, ...(status !== undefined && { status }) }),
};

const SERVICES: WatchedKind = {
  kind: 'Service',
  id: 'services',
  path: 'services',
  group: 'v1',
  parts: ({ spec, status }) => ({ spec, ...(status !== undefined && { status }) }),
};

const ENDPOINT_SLICES: WatchedKind = {
  kind: 'EndpointSlice',
  id: 'endpointslices',
  path: 'endpointslices',
  group: 'discovery.k8s.io/v1',
  parts: ({ spec, addressType, endpoints }) => ({
    spec,
    ...(addressType !== undefined && { addressType }),
    ...(endpoints !== undefined && {
      endpoints: endpoints.map((at) => (isObject(at) ? only(at, ['nodeName', 'conditions']) : at)),
    }),
  }),
};

/** How to follow what a derivation asks for: of the Secrets only the one that is named. */
export function watchedKindOf(wanted: WantedKind): WatchedKind {
  if (wanted.kind !== 'Secret') return wanted.kind === 'Service' ? SERVICES : ENDPOINT_SLICES;
  const [namespace, name] = [wanted.namespace, wanted.name].map(encodeURIComponent);
  const path = `namespaces/${namespace}/secrets`;
  return {
    kind: 'Secret',
    id: `${path}/${name}`,
    path: `${path}?fieldSelector=metadata.name%3D${name}`,
    group: 'v1',
    parts: ({ spec, data }) => ({ spec, ...(data !== undefined && { data }) }),
  };
}

const only = (
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
