import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { isLocal } from './explicit-peerings.ts';
import type { OwnNode } from './own-node.ts';

/** What the mesh and the BGPPeers of this node ask for in vain. */
export function peerProblems(cluster: Cluster, own: OwnNode): readonly Problem[] {
  if (own.name === '') return [];
  const unknown = (where: string, filters: readonly string[]): readonly Problem[] =>
    filters.filter((filter) => !cluster.filters.has(filter)).map((at) => unknownFilter(where, at));
  return [
    ...unknown(MESH_FILTERS, cluster.global?.annotated?.filters ?? []),
    ...cluster.peers
      .filter((peer) => isLocal(peer, own.name, own.labels))
      .flatMap(({ name, filters }) => unknown(`BGPPeer ${name}, spec.filters`, filters)),
  ];
}

const MESH_FILTERS = 'BGPConfiguration default, metadata.annotations.bengal.dev/filters';

const unknownFilter = (where: string, filter: string): Problem => ({
  code: 'filter-unknown',
  severity: 'warning',
  where,
  message: `BGPFilter ${filter} does not exist or is not valid; the sessions go without it`,
  cure: `Create BGPFilter ${filter}, or remove it from the list`,
});
