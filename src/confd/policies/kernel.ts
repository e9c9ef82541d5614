import type { Match, Rule } from '../../config/types.ts';
import type { IPPoolView, ProgramClusterRoutes } from '../../datastore/resources/views.ts';
import type { Cluster } from '../cluster.ts';
import type { OwnNode } from '../own-node.ts';
import type { ServiceAdvertisement } from '../services/advertisement.ts';
import { builtIn, from, type Traced } from '../trace.ts';
import type { Environment } from '../types.ts';
import { PRIORITY_SUM } from './priority.ts';
import { rule, within } from './rule.ts';

/** Whose routes Felix puts into the FIB, so that this speaker must not. */
interface Division {
  readonly ipip: boolean;
  readonly noEncap: boolean;
}

const DIVISIONS: Readonly<Record<ProgramClusterRoutes, Division>> = {
  Enabled: { ipip: false, noEncap: false },
  Disabled: { ipip: true, noEncap: true },
  EnabledIPIPOnly: { ipip: false, noEncap: true },
  EnabledNoEncapOnly: { ipip: true, noEncap: false },
};

/** How the cluster divides the programming of routes between Felix and BGP. */
export function felixPrograms(cluster: Cluster, environment: Environment): Division {
  const written = cluster.global?.programClusterRoutes;
  if (environment.compat === 'v3.31') return DIVISIONS.Enabled;
  if (environment.compat === 'v3.32')
    return DIVISIONS[written === 'Disabled' ? 'Disabled' : 'Enabled'];
  return DIVISIONS[written ?? 'EnabledNoEncapOnly'];
}

/** What goes into the FIB, and how: no match accepts. */
export function kernelRules(
  cluster: Cluster,
  own: OwnNode,
  services: ServiceAdvertisement,
  wireguard: readonly Traced<Rule>[],
  environment: Environment,
): readonly Traced<Rule>[] {
  const division = felixPrograms(cluster, environment);
  const pools = cluster.pools.filter(
    ({ family }) => family === 'ipv6-unicast' || own.addresses['ipv4-unicast'] !== undefined,
  );
  return [
    ...within(services.unprogrammed, 'reject'),
    ...metricRules(environment),
    ...wireguard,
    ...pools.flatMap((pool) => poolRules(pool, own, division)),
  ];
}

/** The metric of a learned route is the priority that its LOCAL_PREF carries. */
function metricRules(environment: Environment): readonly Traced<Rule>[] {
  if (environment.compat === 'v3.31') return [];
  const origin = builtIn('kernel metric and LOCAL_PREF are one priority');
  const set = { metricFromLocalPref: PRIORITY_SUM };
  return [rule(origin, { source: ['bgp'] }, 'continue', set)];
}

function poolRules(pool: IPPoolView, own: OwnNode, division: Division): readonly Traced<Rule>[] {
  const inPool: Match = { prefix: [{ in: pool.cidr, ge: undefined, le: undefined }] };
  if (pool.vxlan !== 'never')
    return [rule(from(pool, 'spec.vxlanMode', 'Felix programs VXLAN routes'), inPool, 'reject')];
  if (pool.ipip === 'never' ? division.noEncap : division.ipip)
    return [rule(from(pool, 'spec.ipipMode', 'Felix programs this pool'), inPool, 'reject')];
  const plain = rule(
    from(pool, 'spec.cidr', 'routes of the pool go into the FIB'),
    inPool,
    'accept',
  );
  if (pool.ipip === 'never' || pool.family === 'ipv6-unicast') return [plain];
  return [...tunnelRules(pool, own, { ...inPool, source: ['bgp'] }), plain];
}

/** Learned routes go through the tunnel, but for CrossSubnet those in the own network do not. */
function tunnelRules(pool: IPPoolView, own: OwnNode, match: Match): readonly Traced<Rule>[] {
  const through = from(pool, 'spec.ipipMode', 'routes of the pool leave by the IPIP tunnel');
  const tunnel = rule(through, match, 'accept', { tunnel: 'tunl0' });
  const network = own.addresses['ipv4-unicast']?.network;
  if (pool.ipip !== 'cross-subnet' || network === undefined) return [tunnel];
  const near = from(pool, 'spec.ipipMode', 'a next hop in the own subnet needs no tunnel');
  return [rule(near, { ...match, nextHop: [network] }, 'accept'), tunnel];
}
