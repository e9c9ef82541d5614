import type { Rule } from '../../config/types.ts';
import { canonicalCommunity } from '../../datastore/resources/bgp-configuration.ts';
import type { BGPConfigurationView, PrefixAdvertisement } from '../../datastore/resources/views.ts';
import type { Family } from '../../net/family.ts';
import { ownBlocks } from '../blocks.ts';
import type { Cluster } from '../cluster.ts';
import { builtIn, byText, from, type Traced } from '../trace.ts';
import type { Environment } from '../types.ts';
import { felixPrograms } from './kernel.ts';
import { normalPriority } from './priority.ts';
import { equal, type Named, rule, within } from './rule.ts';

/**
 * What a node announces: its blocks but nothing beneath them, and whatever lies in a pool that may
 * be exported. No match rejects.
 */
export function exportRules(
  cluster: Cluster,
  ownName: string,
  family: Family,
  environment: Environment,
): readonly Traced<Rule>[] {
  return [
    ...within(hiddenPools(cluster, family), 'reject'),
    ...interfaceRules(cluster, environment),
    ...communityRules(cluster, ownName, family),
    ...blockRules(cluster, ownName, family, environment),
    ...within(announcedPools(cluster, family), 'accept'),
  ];
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
  if (felixPrograms(cluster, environment).ipip) tunnels.push('tunl0');
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
  ownName: string,
  family: Family,
  environment: Environment,
): readonly Traced<Rule>[] {
  const blocks = ownBlocks(cluster, ownName)
    .filter((block) => block.family === family && block.state === 'confirmed')
    .map((block) => ({ prefix: block.cidr, origin: from(block, 'spec.cidr', 'own block') }));
  const { value: normal } = normalPriority(cluster, family);
  const raised = environment.compat === 'v3.31' ? [] : blocks;
  return [
    ...equal(blocks, 'accept'),
    ...within(raised, 'accept', { metric: { lt: normal } }),
    ...within(blocks, 'reject'),
  ];
}
