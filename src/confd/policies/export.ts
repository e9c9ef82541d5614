import type { Rule } from '../../config/types.ts';
import { canonicalCommunity } from '../../datastore/resources/bgp-configuration.ts';
import type { BGPConfigurationView, PrefixAdvertisement } from '../../datastore/resources/views.ts';
import type { Family } from '../../net/family.ts';
import type { Block } from '../blocks.ts';
import type { Cluster } from '../cluster.ts';
import { isSinceV333 } from '../compat.ts';
import type { ServiceAdvertisement } from '../services/advertisement.ts';
import { builtIn, byText, from, type Traced } from '../trace.ts';
import type { Environment } from '../types.ts';
import { felixPrograms } from './kernel.ts';
import { normalPriority } from './priority.ts';
import { equal, type Named, rule, within } from './rule.ts';

/**
 * What a node announces: its blocks but nothing beneath them, addresses of Services, and whatever
 * lies in a pool that may be exported. No match rejects.
 */
export function exportRules(
  cluster: Cluster,
  ownName: string,
  { blocks, services }: Own,
  family: Family,
  environment: Environment,
): readonly Traced<Rule>[] {
  const isOfFamily = ({ prefix }: Named): boolean =>
    prefix.includes(':') === (family === 'ipv6-unicast');
  return [
    ...within(hiddenPools(cluster, family), 'reject'),
    ...interfaceRules(cluster, environment),
    ...communityRules(cluster, ownName, family),
    ...blockRules(cluster, blocks, family, environment),
    ...within(services.announced.filter(isOfFamily), 'accept'),
    ...within(services.reflected.filter(isOfFamily), 'accept'),
    ...within(announcedPools(cluster, family), 'accept'),
  ];
}

/** What belongs to the node that announces. */
export interface Own {
  readonly blocks: readonly Block[];
  readonly services: ServiceAdvertisement;
}

const hiddenPools = (cluster: Cluster, family: Family): readonly Named[] =>
  cluster.pools
    .filter((pool) => pool.family === family && pool.disableBGPExport)
    .map((pool) => ({
      prefix: pool.cidr,
      origin: from(pool, 'spec.disableBGPExport', 'nothing of the pool is announced'),
    }));

const announcedPools = (cluster: Cluster, family: Family): readonly Named[] =>
  cluster.pools
    .filter((pool) => pool.family === family && !pool.disableBGPExport)
    .map((pool) => ({
      prefix: pool.cidr,
      origin: from(pool, 'spec.cidr', 'routes of the pool are announced'),
    }));

/** Tunnel routes are each node's own affair, and what the BPF dataplane adds stays on the node. */
function interfaceRules(cluster: Cluster, environment: Environment): readonly Traced<Rule>[] {
  const tunnels = ['*.cali', '*.calico'];
  // Since v3.33: IPIP routes that Felix programs come back as kernel routes.
  if (isSinceV333(environment) && felixPrograms(cluster, environment).ipip) tunnels.push('tunl0');
  const tunnelOrigin = builtIn('tunnel routes are not announced to iBGP peers');
  const bpfOrigin = builtIn('local routes of the BPF dataplane are not announced');
  return [
    rule(tunnelOrigin, { peerType: 'ibgp', interface: tunnels }, 'reject'),
    rule(bpfOrigin, { interface: ['bpf*.cali'] }, 'reject'),
  ];
}

/** The node's own list replaces the cluster's, for both families at once. */
function communityRules(
  cluster: Cluster,
  ownName: string,
  family: Family,
): readonly Traced<Rule>[] {
  const own = cluster.nodeConfigurations.get(ownName);
  const configuration = own?.prefixAdvertisements === undefined ? cluster.global : own;
  if (configuration === undefined) return [];
  const origin = from(configuration, 'spec.prefixAdvertisements', 'communities of a prefix');
  return (configuration.prefixAdvertisements ?? []).flatMap((advertisement) => {
    const addCommunity = communitiesOf(configuration, advertisement);
    if (advertisement.family !== family || addCommunity.length === 0) return [];
    const match = { prefix: [{ in: advertisement.cidr, ge: undefined, le: undefined }] };
    return [rule(origin, match, 'continue', { addCommunity })];
  });
}

/** Names are looked up in the same object; unknown ones drop out. */
function communitiesOf(
  { communities }: BGPConfigurationView,
  advertisement: PrefixAdvertisement,
): readonly string[] {
  const values = advertisement.communities.flatMap((written) => {
    const value = canonicalCommunity(written) ?? communities.get(written);
    return value === undefined ? [] : [value];
  });
  return [...new Set(values)].sort(byText);
}

/** The block itself and routes of raised priority go out; the rest beneath a block does not. */
function blockRules(
  cluster: Cluster,
  own: readonly Block[],
  family: Family,
  environment: Environment,
): readonly Traced<Rule>[] {
  const blocks = own
    .filter((block) => block.family === family && block.confirmed)
    .map(({ cidr, origin }) => ({ prefix: cidr, origin }));
  const { value: normal } = normalPriority(cluster, family);
  const raised = environment.compat === 'v3.31' ? [] : blocks;
  return [
    ...equal(blocks, 'accept'),
    ...within(raised, 'accept', { metric: { lt: normal } }),
    ...within(blocks, 'reject'),
  ];
}
