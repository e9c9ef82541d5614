import type { EndpointSliceView, ServiceView } from '../../datastore/resources/views.ts';
import type { Cluster } from '../cluster.ts';
import { isSinceV333 } from '../compat.ts';
import type { Named } from '../policies/rule.ts';
import { from } from '../trace.ts';
import type { Environment } from '../types.ts';
import { holds, type ServiceRanges } from './ranges.ts';

/** A route to one address. */
export interface ServiceRoute extends Named {
  readonly address: string;
}

/** The single addresses of Services that this node attracts traffic for. */
export function serviceRoutes(
  cluster: Cluster,
  ownName: string,
  ranges: ServiceRanges,
  environment: Environment,
): readonly ServiceRoute[] {
  const nodeName = environment.kubernetesNodeName || ownName;
  const trustsReadiness = isSinceV333(environment);
  return cluster.services.flatMap((service) => {
    const slices = cluster.endpointSlices.get(`${service.namespace}/${service.name}`) ?? [];
    if (!isAdvertised(service, slices, ranges, { nodeName, trustsReadiness })) return [];
    const origin = from(service, '', 'the Service is reached through this node');
    return addressesOf(service, ranges).map((address) => ({
      address,
      prefix: `${address}/${address.includes(':') ? 128 : 32}`,
      origin,
    }));
  });
}

interface Viewpoint {
  readonly nodeName: string;
  /** Before v3.33 endpoints counted that were not ready. */
  readonly trustsReadiness: boolean;
}

const TYPES: ReadonlySet<string> = new Set(['ClusterIP', 'NodePort', 'LoadBalancer']);

/** With policy Cluster any node will do, and a single address in the lists asks for all of them. */
function isAdvertised(
  service: ServiceView,
  slices: readonly EndpointSliceView[],
  ranges: ServiceRanges,
  viewpoint: Viewpoint,
): boolean {
  if (slices.length === 0 || !TYPES.has(service.type) || service.clusterIps.length === 0)
    return false;
  if (service.trafficPolicy === 'Cluster' && hasListedAddress(service, ranges)) return true;
  if (service.trafficPolicy !== 'Local' && ranges.aggregates) return false;
  return slices
    .filter(({ family }) => family !== undefined && service.families.includes(family))
    .some(({ endpoints }) =>
      endpoints.some(
        ({ ready, nodeName }) =>
          (ready || !viewpoint.trustsReadiness) &&
          (service.trafficPolicy !== 'Local' || nodeName === viewpoint.nodeName),
      ),
    );
}

/** Whether a list of BGPConfiguration names an address of the Service alone. */
function hasListedAddress(service: ServiceView, ranges: ServiceRanges): boolean {
  const external = ranges.external.filter(({ host }) => host);
  if (service.externalIps.some((address) => holds(external, address))) return true;
  if (service.type !== 'LoadBalancer') return false;
  const loadBalancer = ranges.loadBalancer.filter(({ host }) => host);
  const { loadBalancerIp, ingressIps } = service;
  const addresses = loadBalancerIp === undefined ? ingressIps : [loadBalancerIp, ...ingressIps];
  return addresses.some((address) => holds(loadBalancer, address));
}

/** Cluster addresses also from outside the ranges, as Calico does: the list only switches them on. */
const addressesOf = (service: ServiceView, ranges: ServiceRanges): readonly string[] => [
  ...(ranges.cluster.length > 0 ? service.clusterIps : []),
  ...service.externalIps.filter((address) => holds(ranges.external, address)),
  ...service.ingressIps.filter((address) => holds(ranges.loadBalancer, address)),
];
