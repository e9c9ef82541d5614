import { difference } from '../../config/difference.ts';
import type { Rule } from '../../config/types.ts';
import type { NodeView } from '../../datastore/resources/views.ts';
import { FAMILIES, type Family, maxLengthOf } from '../../net/family.ts';
import type { Cluster } from '../cluster.ts';
import { isSinceV333 } from '../compat.ts';
import { Filtered } from '../filtered.ts';
import { Last } from '../last.ts';
import { wireguardOf } from '../own-node.ts';
import { builtIn, from, keyOfView, type Traced } from '../trace.ts';
import type { Environment } from '../types.ts';
import { listOrigins, type Named, rule } from './rule.ts';

const RULE = 'Felix programs the routes between nodes with WireGuard';

/**
 * Rejects learned routes between two nodes with WireGuard: Felix programs them, and BGP's would go past
 * the tunnel. The rules are the very same as long as they say the same.
 */
export class WireguardRules {
  readonly #environment: Environment;
  readonly #filtered: Filtered<NodeView>;
  readonly #rules = new Last<readonly Traced<Rule>[]>();
  readonly #hops = new WeakMap<NodeView, readonly Hop[]>();
  /** Nodes with WireGuard, as far as it matters. */
  #nodes: readonly NodeView[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#filtered = new Filtered((node) => this.#hopsOf(node).length > 0);
  }

  of({ own, nodes }: Cluster): readonly Traced<Rule>[] {
    if (own === undefined || !isSinceV333(this.#environment)) return NO_RULES;
    const wireguard = wireguardOf(own, this.#environment);
    const families = FAMILIES.filter((family) => wireguard[family] !== undefined);
    if (families.length === 0) return NO_RULES;
    const filtered = this.#filtered.of(nodes);
    if (!this.#saysTheSame(filtered)) this.#nodes = filtered;
    return this.#rules.of([this.#nodes, own.name, families.join()], () => {
      const others = this.#nodes.filter(({ name }) => name !== own.name);
      const hops = others.flatMap((node) => this.#hopsOf(node));
      return families.flatMap((family) => throughOneOf(hops.filter((at) => at.family === family)));
    });
  }

  /** Made once for each of thousands. */
  #hopsOf(node: NodeView): readonly Hop[] {
    const hops = this.#hops.get(node) ?? hopsOf(node, this.#environment);
    this.#hops.set(node, hops);
    return hops;
  }

  #saysTheSame(nodes: readonly NodeView[]): boolean {
    const { gone, come } = difference(this.#nodes, nodes, keyOfView);
    const texts = (list: readonly NodeView[]): string =>
      JSON.stringify(list.map((node) => [node.name, this.#hopsOf(node).map((at) => at.prefix)]));
    return gone.length === come.length && texts(gone) === texts(come);
  }
}

const NO_RULES: readonly Traced<Rule>[] = [];

interface Hop extends Named {
  readonly family: Family;
}

/** A node's addresses of the families that it has WireGuard for. */
const hopsOf = (node: NodeView, environment: Environment): readonly Hop[] =>
  FAMILIES.flatMap((family) => {
    const address = node.addresses[family]?.address;
    if (address === undefined || wireguardOf(node, environment)[family] === undefined) return [];
    return [{ family, prefix: `${address}/${maxLengthOf(family)}`, origin: from(node, '', RULE) }];
  });

function throughOneOf(hops: readonly Hop[]): readonly Traced<Rule>[] {
  if (hops.length === 0) return [];
  const nextHop = hops.map(({ prefix }) => prefix);
  const { value } = rule(builtIn(RULE), { source: ['bgp'], nextHop }, 'reject');
  return [
    {
      value,
      // Of thousands, which few ever ask for.
      get origins() {
        return listOrigins('nextHop', hops);
      },
    },
  ];
}
