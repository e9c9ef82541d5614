import type { Resource } from '../datastore.ts';
import { asNumber, dottedQuad, nodeAddress } from './fields.ts';
import type { Report } from './report.ts';
import { anything, type Check, isObject, listOf, shape } from './schema.ts';
import type { NodeView } from './views.ts';

const bgp = shape({
  asNumber,
  ipv4Address: nodeAddress('ipv4-unicast'),
  ipv6Address: nodeAddress('ipv6-unicast'),
  ipv4IPIPTunnelAddr: anything,
  routeReflectorClusterID: dottedQuad,
});

const spec = shape({
  bgp,
  addresses: listOf(anything),
  interfaces: anything,
  ipv4VXLANTunnelAddr: anything,
  ipv6VXLANTunnelAddr: anything,
  orchRefs: anything,
  vxlanTunnelMACAddr: anything,
  vxlanTunnelMACAddrV6: anything,
  wireguard: anything,
});

/** Reads a Calico v3 Node, or a core/v1 Node whose annotations Calico wrote. */
export function readNode(resource: Resource, report: Report): NodeView | undefined {
  return resource.apiVersion === 'v1'
    ? readCoreNode(resource, report)
    : readCalicoNode(resource, report);
}

function readCalicoNode(resource: Resource, report: Report): NodeView | undefined {
  const fields = spec(resource.spec, 'spec', report)?.bgp;
  return view(resource, new Map(Object.entries(resource.metadata.labels)), {
    asn: fields?.asNumber,
    ipv4: fields?.ipv4Address,
    ipv6: fields?.ipv6Address,
    clusterId: fields?.routeReflectorClusterID,
  });
}

/** An annotation that cannot be read counts as absent; the node itself stays. */
function readCoreNode(resource: Resource, report: Report): NodeView {
  const annotation = <T>(name: string, check: Check<T>): T | undefined =>
    readAnnotation(resource, name, check, report);
  const labels = new Map([
    ...Object.entries(annotation('labels', labelMap) ?? {}),
    ...Object.entries(resource.metadata.labels),
  ]);
  return view(resource, labels, {
    asn: annotation('ASNumber', asNumber),
    ipv4: annotation('IPv4Address', nodeAddress('ipv4-unicast')),
    ipv6: annotation('IPv6Address', nodeAddress('ipv6-unicast')),
    clusterId: annotation('RouteReflectorClusterID', dottedQuad),
  });
}

function readAnnotation<T>(
  { metadata }: Resource,
  name: string,
  check: Check<T>,
  report: Report,
): T | undefined {
  const key = `projectcalico.org/${name}`;
  const written = Object.hasOwn(metadata.annotations, key) ? metadata.annotations[key] : '';
  if (written === undefined || written === '') return undefined;
  return report.lenient((inner) => check(written, `metadata.annotations[${key}]`, inner));
}

const labelMap: Check<Readonly<Record<string, string>>> = (value, field, report) => {
  try {
    const read: unknown = JSON.parse(String(value));
    if (isObject(read))
      return Object.fromEntries(Object.entries(read).map(([key, part]) => [key, String(part)]));
  } catch {}
  return report.error('wrong-value', field, 'is not a JSON object', 'Write {"label": "value"}');
};

interface BgpFields {
  readonly asn: NodeView['asn'];
  readonly ipv4: NodeView['addresses']['ipv4-unicast'];
  readonly ipv6: NodeView['addresses']['ipv6-unicast'];
  readonly clusterId: NodeView['clusterId'];
}

const view = (
  resource: Resource,
  labels: ReadonlyMap<string, string>,
  { asn, ipv4, ipv6, clusterId }: BgpFields,
): NodeView => ({
  kind: 'Node',
  name: resource.metadata.name,
  resource,
  labels,
  asn: asn || undefined,
  addresses: { 'ipv4-unicast': ipv4, 'ipv6-unicast': ipv6 },
  clusterId,
});
