import type { Rule } from '../../config/types.ts';
import type { NodeView } from '../../datastore/resources/views.ts';
import { FAMILIES, type Family, maxLengthOf } from '../../net/family.ts';
import type { Cluster } from '../cluster.ts';
import { isSinceV333 } from '../compat.ts';
import { Last } from '../last.ts';
import { wireguardOf } from '../own-node.ts';
import { builtIn, from, type Traced } from '../trace.ts';
import type { Environment } from '../types.ts';
import { listOrigins, rule } from './rule.ts';

const RULE = 'Felix programs the routes between nodes with WireGuard';

/**
 * Rejects learned routes between two nodes with WireGuard: Felix programs them, and BGP's would go past
 * the tunnel. The rules are the very same as long as they say the same.
 */
export class WireguardRules {
  readonly #environment: Environment;
  readonly #rules = new Last<readonly Traced<Rule>[]>();
  #hops: readonly Hop[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  of(cluster: Cluster): readonly Traced<Rule>[] {
    const hops = this.#hopsOf(cluster);
    if (!sameHops(hops, this.#hops)) this.#hops = hops;
    return this.#rules.of([this.#hops], () =>
      FAMILIES.flatMap((family) => throughOneOf(this.#hops, family)),
    );
  }

  #hopsOf({ own, nodes }: Cluster): readonly Hop[] {
    if (own === undefined || !isSinceV333(this.#environment)) return [];
    const hops: Hop[] = [];
    for (const family of FAMILIES) {
      if (wireguardOf(own, this.#environment)[family] === undefined) continue;
      for (const node of nodes) {
        const address = node.addresses[family]?.address;
        if (node === own || address === undefined) continue;
        if (wireguardOf(node, this.#environment)[family] !== undefined)
          hops.push({ family, node, address });
      }
    }
    return hops;
  }
}

interface Hop {
  readonly family: Family;
  readonly node: NodeView;
  readonly address: string;
}

const sameHops = (a: readonly Hop[], b: readonly Hop[]): boolean =>
  a.length === b.length &&
  a.every(({ family, node, address }, index) => {
    const other = b[index];
    return other?.address === address && other.family === family && other.node.name === node.name;
  });

function throughOneOf(hops: readonly Hop[], wanted: Family): readonly Traced<Rule>[] {
  const named = hops
    .filter(({ family }) => family === wanted)
    .map(({ family, node, address }) => ({
      prefix: `${address}/${maxLengthOf(family)}`,
      origin: from(node, '', RULE),
    }));
  if (named.length === 0) return [];
  const nextHop = named.map(({ prefix }) => prefix);
  const { value } = rule(builtIn(RULE), { source: ['bgp'], nextHop }, 'reject');
  return [{ value, origins: listOrigins('nextHop', named) }];
}
