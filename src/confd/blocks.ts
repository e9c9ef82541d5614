import type { BlockAffinityView } from '../datastore/resources/views.ts';
import type { Cluster } from './cluster.ts';

/** The own node's IPAM blocks; a pending one is not its own yet. */
export const ownBlocks = (cluster: Cluster, ownName: string): readonly BlockAffinityView[] =>
  cluster.affinities.filter(({ node, state }) => node === ownName && state !== 'pending');
