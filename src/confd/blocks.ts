import type { BlockAffinityView, NodeView, View } from '../datastore/resources/views.ts';
import type { Family } from '../net/family.ts';
import type { Cluster } from './cluster.ts';
import { Filtered } from './filtered.ts';
import { Last } from './last.ts';
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

/** The own node's blocks, kept up: the very same as long as they stay. */
export class OwnBlocks {
  readonly #environment: Environment;
  readonly #affinities: Filtered<BlockAffinityView>;
  readonly #blocks = new Last<readonly Block[]>();

  constructor(name: string, environment: Environment) {
    this.#environment = environment;
    this.#affinities = new Filtered(({ node, state }) => node === name && state !== 'pending');
  }

  /** IPAM's blocks, where a pending one is not the node's yet; with host-local IPAM its podCIDRs. */
  of({ own, affinities }: Cluster): readonly Block[] {
    if (this.#environment.usePodCidr === true)
      return this.#blocks.of([own], () => (own === undefined ? [] : podCidrBlocks(own)));
    const owned = this.#affinities.of(affinities);
    return this.#blocks.of([owned], () => ipamBlocks(owned));
  }
}

const ipamBlocks = (affinities: readonly BlockAffinityView[]): readonly Block[] =>
  [...affinities]
    .sort((a, b) => byText(a.cidr, b.cidr))
    .map((at) => ({
      family: at.family,
      cidr: at.cidr,
      confirmed: at.state === 'confirmed',
      origin: from(at, 'spec.cidr', 'own block'),
    }));

const podCidrBlocks = (node: NodeView): readonly Block[] =>
  node.hostLocal.podCidrs.map(({ family, text }) => ({
    family,
    cidr: text,
    confirmed: true,
    origin: from(node, podCidrField(node), 'podCIDR of the node'),
  }));

const podCidrField = ({ resource }: View): string =>
  resource.apiVersion === 'v1' ? 'spec.podCIDRs' : 'status.podCIDRs';
