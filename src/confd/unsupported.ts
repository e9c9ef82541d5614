import type { Problem } from '../datastore/problem.ts';
import type { Cluster } from './cluster.ts';
import { isLocal } from './explicit-peerings.ts';
import type { OwnNode } from './own-node.ts';

/** What BGPPeers of this node ask for that is understood but not done. */
export function unsupported(cluster: Cluster, own: OwnNode): readonly Problem[] {
  return cluster.peers
    .filter((peer) => isLocal(peer, own.name, own.labels))
    .flatMap(({ name, form, filters }) => [
      ...(form.type === 'workload' ? [problem(name, 'localWorkloadSelector')] : []),
      ...(filters.length > 0 ? [problem(name, 'filters')] : []),
    ]);
}

const problem = (name: string, field: string): Problem => ({
  code: 'unsupported-field',
  severity: 'warning',
  where: `BGPPeer ${name}, spec.${field}`,
  message: 'is not acted upon by this version',
  cure: 'Remove it, or keep BIRD on this node',
});
