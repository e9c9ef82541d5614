import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { isLocal } from './explicit-peerings.ts';
import type { OwnNode } from './own-node.ts';

/** What BGPPeers of this node ask for in vain. */
export function peerProblems(cluster: Cluster, own: OwnNode): readonly Problem[] {
  if (own.name === '') return [];
  return cluster.peers
    .filter((peer) => isLocal(peer, own.name, own.labels))
    .flatMap(({ name, filters }) =>
      filters.filter((filter) => !cluster.filters.has(filter)).map((at) => unknownFilter(name, at)),
    );
}

const unknownFilter = (name: string, filter: string): Problem => ({
  code: 'filter-unknown',
  severity: 'warning',
  where: `BGPPeer ${name}, spec.filters`,
  message: `BGPFilter ${filter} does not exist or is not valid; the peering goes without it`,
  cure: `Create BGPFilter ${filter}, or remove it from the list`,
});
