import type { View } from '../datastore/resources/views.ts';
import type { Family } from '../net/family.ts';
import type { Cluster } from './cluster.ts';
import type { OwnNode } from './own-node.ts';
import { byText, from } from './trace.ts';
import type { Environment, Origin } from './types.ts';

/** A range of pod addresses that the own node hands out. */
export interface Block {
  readonly family: Family;
  readonly cidr: string;
  /** A block that is going away no longer stands for what is beneath it. */
  readonly confirmed: boolean;
  readonly origin: Origin;
}

/** IPAM's blocks, where a pending one is not the node's yet; with host-local IPAM its podCIDRs. */
export function ownBlocks(
  cluster: Cluster,
  own: OwnNode,
  environment: Environment,
): readonly Block[] {
  if (environment.usePodCidr === true) return podCidrBlocks(cluster, own.name);
  return cluster.affinities
    .filter(({ node, state }) => node === own.name && state !== 'pending')
    .sort((a, b) => byText(a.cidr, b.cidr))
    .map((at) => ({
      family: at.family,
      cidr: at.cidr,
      confirmed: at.state === 'confirmed',
      origin: from(at, 'spec.cidr', 'own block'),
    }));
}

function podCidrBlocks(cluster: Cluster, ownName: string): readonly Block[] {
  const node = cluster.nodes.find(({ name }) => name === ownName);
  if (node === undefined) return [];
  return node.hostLocal.podCidrs.map(({ family, text }) => ({
    family,
    cidr: text,
    confirmed: true,
    origin: from(node, podCidrField(node), 'podCIDR of the node'),
  }));
}

const podCidrField = ({ resource }: View): string =>
  resource.apiVersion === 'v1' ? 'spec.podCIDRs' : 'status.podCIDRs';
