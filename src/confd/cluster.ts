import type { Problem } from '../datastore/problem.ts';
import type {
  BGPConfigurationView,
  BGPFilterView,
  BGPPeerView,
  BlockAffinityView,
  EndpointSliceView,
  IPPoolView,
  NodeView,
  SecretView,
  ServiceView,
  WorkloadEndpointStatusView,
} from '../datastore/resources/views.ts';
import { builtIn, from } from './trace.ts';
import type { Origin } from './types.ts';

/**
 * The resources of a cluster, read and put in order by their keys. Of one reader's clusters, lists and
 * maps in which nothing changed are the very same.
 */
export interface Cluster {
  /** Where two have one address, only one of them still has it. */
  readonly nodes: readonly NodeView[];
  /** The node that the cluster is read for. */
  readonly own: NodeView | undefined;
  readonly global: BGPConfigurationView | undefined;
  readonly nodeConfigurations: ReadonlyMap<string, BGPConfigurationView>;
  readonly peers: readonly BGPPeerView[];
  readonly filters: ReadonlyMap<string, BGPFilterView>;
  /** By CIDR text, one for each CIDR. */
  readonly pools: readonly IPPoolView[];
  readonly affinities: readonly BlockAffinityView[];
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, SecretView>;
  readonly services: readonly ServiceView[];
  /** By `namespace/name` of the Service. */
  readonly endpointSlices: ReadonlyMap<string, readonly EndpointSliceView[]>;
  readonly workloads: readonly WorkloadEndpointStatusView[];
  readonly problems: readonly Problem[];
  /** The node that has an address; not to be asked any more when the cluster was read again. */
  nodeAt(address: string): NodeView | undefined;
}

/** A value with the place it was taken from. */
export interface Given<T> {
  readonly value: T;
  readonly origin: Origin;
}

const DEFAULT_ASN = 64_512;

/** A node's AS number: its own, else the cluster's. */
export function asnOf(cluster: Cluster, node: NodeView | undefined): Given<number> {
  if (node?.asn !== undefined)
    return { value: node.asn, origin: from(node, 'spec.bgp.asNumber', 'AS number of the node') };
  const { global } = cluster;
  if (global?.asn !== undefined)
    return { value: global.asn, origin: from(global, 'spec.asNumber', 'AS number of the cluster') };
  return { value: DEFAULT_ASN, origin: builtIn('default AS number') };
}

/** The port that a node listens on if one is configured: the node's own, else the cluster's. */
export function listenPortOf(cluster: Cluster, name: string): Given<number> | undefined {
  const configurations = [cluster.nodeConfigurations.get(name), cluster.global];
  for (const at of configurations)
    if (at?.listenPort !== undefined)
      return {
        value: at.listenPort,
        origin: from(at, 'spec.listenPort', 'port that nodes listen on'),
      };
  return undefined;
}
