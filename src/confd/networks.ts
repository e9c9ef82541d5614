import type { NetworkConfig } from '../config/types.ts';
import { maxLengthOf } from '../net/family.ts';
import { ownBlocks } from './blocks.ts';
import type { Cluster } from './cluster.ts';
import type { Peering } from './peering.ts';
import { byText, from, type Traced } from './trace.ts';

/**
 * Routes that the node originates: a blackhole for each of its blocks (the pods' own routes are
 * longer), and a static route to each peer that is reachable by a gateway only.
 */
export function networksOf(
  cluster: Cluster,
  ownName: string,
  peerings: readonly Peering[],
): readonly Traced<NetworkConfig>[] {
  const routes = new Map<string, Traced<NetworkConfig>>();
  for (const block of ownBlocks(cluster, ownName)) {
    const host = `/${maxLengthOf(block.family)}`;
    if (block.cidr.endsWith(host)) continue;
    routes.set(block.cidr, {
      value: { prefix: block.cidr, via: undefined, kernel: 'blackhole', announce: true },
      origins: { '': from(block, 'spec.cidr', 'own block') },
    });
  }
  for (const { family, address, settings, origin } of peerings) {
    const prefix = `${address}/${maxLengthOf(family)}`;
    if (settings.reachableBy === undefined || routes.has(prefix)) continue;
    routes.set(prefix, {
      value: { prefix, via: settings.reachableBy, kernel: 'none', announce: true },
      origins: { '': { ...origin, field: 'spec.reachableBy', rule: 'gateway of a peer' } },
    });
  }
  return [...routes.values()].sort((a, b) => byText(a.value.prefix, b.value.prefix));
}
