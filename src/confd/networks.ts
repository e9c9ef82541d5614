import type { NetworkConfig } from '../config/types.ts';
import { maxLengthOf } from '../net/family.ts';
import type { Block } from './blocks.ts';
import type { Peering } from './peering.ts';
import type { ServiceAdvertisement } from './services/advertisement.ts';
import { byText, type Traced } from './trace.ts';

/**
 * Routes that the node originates: a blackhole for each of its blocks (the pods' own routes are
 * longer), the addresses of Services, and a static route to each peer that is reachable by a gateway
 * only. A blackhole for a Service would catch what the node itself sends to it.
 */
export function networksOf(
  blocks: readonly Block[],
  services: ServiceAdvertisement,
  behindGateways: readonly Peering[],
): readonly Traced<NetworkConfig>[] {
  const routes = new Map<string, Traced<NetworkConfig>>();
  for (const { prefix, origin } of services.originated)
    routes.set(prefix, {
      value: { prefix, via: undefined, kernel: 'none', announce: true },
      origins: { '': origin },
    });
  for (const { cidr, family, origin } of blocks) {
    if (cidr.endsWith(`/${maxLengthOf(family)}`)) continue;
    routes.set(cidr, {
      value: { prefix: cidr, via: undefined, kernel: 'blackhole', announce: true },
      origins: { '': origin },
    });
  }
  for (const { family, address, settings, origin } of behindGateways) {
    const prefix = `${address}/${maxLengthOf(family)}`;
    if (settings.reachableBy === undefined || routes.has(prefix)) continue;
    routes.set(prefix, {
      value: { prefix, via: settings.reachableBy, kernel: 'none', announce: true },
      origins: { '': { ...origin, field: 'spec.reachableBy', rule: 'gateway of a peer' } },
    });
  }
  return [...routes.values()].sort((a, b) => byText(a.value.prefix, b.value.prefix));
}
