import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import type { Report } from './report.ts';
import { flag, listOf, openShape, text } from './schema.ts';
import type { EndpointSliceView } from './views.ts';

const endpoints = listOf(openShape({ nodeName: text, conditions: openShape({ ready: flag }) }));

const SERVICE_LABEL = 'kubernetes.io/service-name';

/** Reads a discovery.k8s.io/v1 EndpointSlice; undefined also for one that belongs to no Service. */
export function readEndpointSlice(
  resource: Resource,
  report: Report,
): EndpointSliceView | undefined {
  const { name, namespace = 'default', labels } = resource.metadata;
  const service = Object.hasOwn(labels, SERVICE_LABEL) ? labels[SERVICE_LABEL] : undefined;
  if (service === undefined) return undefined;
  const read = endpoints(resource.endpoints ?? [], 'endpoints', report) ?? [];
  return {
    kind: 'EndpointSlice',
    name,
    resource,
    namespace,
    service,
    family: FAMILY_OF.get(resource.addressType ?? ''),
    endpoints: read.map(({ nodeName, conditions }) => ({
      nodeName,
      ready: conditions?.ready ?? true,
    })),
  };
}

const FAMILY_OF: ReadonlyMap<string, Family> = new Map([
  ['IPv4', 'ipv4-unicast'],
  ['IPv6', 'ipv6-unicast'],
]);
