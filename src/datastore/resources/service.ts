import { canonicalAddress } from '../../net/address.ts';
import { FAMILIES, type Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import type { Report } from './report.ts';
import { listOf, oneOf, openShape, parsed, text } from './schema.ts';
import type { ServiceView } from './views.ts';

/** A headless Service has the word None where others have an address. */
const clusterIp = parsed('an IP address or None', (written) =>
  written === 'None' ? written : canonicalAddress(written),
);

const spec = openShape({
  type: text,
  clusterIP: clusterIp,
  clusterIPs: listOf(clusterIp),
  externalIPs: listOf(text),
  loadBalancerIP: text,
  externalTrafficPolicy: oneOf('Cluster', 'Local'),
  ipFamilies: listOf(oneOf('IPv4', 'IPv6')),
});

const status = openShape({
  loadBalancer: openShape({ ingress: listOf(openShape({ ip: text })) }),
});

/** Reads a core/v1 Service. What the API server would fill in may be absent, as in a file. */
export function readService(resource: Resource, report: Report): ServiceView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  const state = status(resource.status ?? {}, 'status', report);
  if (fields === undefined) return undefined;
  const first = fields.clusterIP ?? fields.clusterIPs?.[0] ?? 'None';
  const clusterIps = first === 'None' ? [] : (fields.clusterIPs ?? [first]);
  const { name, namespace = 'default' } = resource.metadata;
  return {
    kind: 'Service',
    name,
    resource,
    namespace,
    type: fields.type ?? 'ClusterIP',
    clusterIps,
    externalIps: addresses(fields.externalIPs),
    loadBalancerIp: addresses([fields.loadBalancerIP ?? ''])[0],
    ingressIps: addresses(state?.loadBalancer?.ingress?.flatMap(({ ip }) => ip ?? [])),
    trafficPolicy: fields.externalTrafficPolicy,
    families: fields.ipFamilies?.map((word) => FAMILY_OF[word]) ?? familiesOf(clusterIps),
  };
}

const FAMILY_OF: Readonly<Record<'IPv4' | 'IPv6', Family>> = {
  IPv4: 'ipv4-unicast',
  IPv6: 'ipv6-unicast',
};

/** An address that is none cannot lie in any range, so that it needs no word. */
const addresses = (written: readonly string[] = []): readonly string[] =>
  written.flatMap((at) => canonicalAddress(at) ?? []);

const familiesOf = (ips: readonly string[]): readonly Family[] =>
  FAMILIES.filter((family) => ips.some((ip) => ip.includes(':') === (family === 'ipv6-unicast')));
