import type { Resource } from '../datastore.ts';

/** A kind that is listed and watched. */
export interface WatchedKind {
  readonly kind: string;
  readonly plural: string;
  /** `calico` is the group that the cluster has for Calico's objects. */
  readonly group: 'v1' | 'calico';
  /**
   * The parts that are read by anyone here. What is left out never causes a put: a Node's status is
   * written every few seconds.
   */
  readonly parts: (resource: Resource) => Pick<Resource, 'spec' | 'status' | 'data'>;
}

const whole = ({ spec }: Resource): Pick<Resource, 'spec'> => ({ spec });

const calico = (kind: string, plural: string): WatchedKind => ({
  kind,
  plural,
  group: 'calico',
  parts: whole,
});

/** All kinds that the derivation reads. */
export const WATCHED_KINDS: readonly WatchedKind[] = [
  {
    kind: 'Node',
    plural: 'nodes',
    group: 'v1',
    parts: ({ spec }) => ({ spec: only(spec, ['podCIDR', 'podCIDRs']) }),
  },
  calico('IPPool', 'ippools'),
  calico('BGPConfiguration', 'bgpconfigurations'),
  calico('BGPPeer', 'bgppeers'),
  calico('BGPFilter', 'bgpfilters'),
  calico('BlockAffinity', 'blockaffinities'),
];

const only = (
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
