import { formatIpv4Number, parseIpv4Number } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import { asNumber, cidr, dottedQuad, nodeAddress } from './fields.ts';
import type { Report } from './report.ts';
import { anything, type Check, isObject, listOf, openShape, shape, text } from './schema.ts';
import type { Cidr, NodeView, WireguardAddresses } from './views.ts';

const ipv4 = addressOf('ipv4-unicast');
const ipv6 = addressOf('ipv6-unicast');

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
  wireguard: shape({ interfaceIPv4Address: ipv4, interfaceIPv6Address: ipv6 }),
});

const status = openShape({ podCIDRs: listOf(cidr) });

/** Of a core/v1 Node; what Kubernetes writes is not judged as a whole. */
const coreSpec = openShape({ podCIDR: cidr, podCIDRs: listOf(cidr) });

/** Reads a Calico v3 Node, or a core/v1 Node whose annotations Calico wrote. */
export function readNode(resource: Resource, report: Report): NodeView | undefined {
  return resource.apiVersion === 'v1'
    ? readCoreNode(resource, report)
    : readCalicoNode(resource, report);
}

function readCalicoNode(resource: Resource, report: Report): NodeView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  const state = report.lenient((inner) => status(resource.status ?? {}, 'status', inner));
  const wireguard: WireguardAddresses = {
    'ipv4-unicast': fields?.wireguard?.interfaceIPv4Address,
    'ipv6-unicast': fields?.wireguard?.interfaceIPv6Address,
  };
  return view(resource, new Map(Object.entries(resource.metadata.labels)), {
    asn: fields?.bgp?.asNumber,
    ipv4: fields?.bgp?.ipv4Address,
    ipv6: fields?.bgp?.ipv6Address,
    clusterId: fields?.bgp?.routeReflectorClusterID,
    wireguard,
    hostLocal: { podCidrs: state?.podCIDRs ?? [], wireguard },
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
    wireguard: {
      'ipv4-unicast': annotation('IPv4WireguardInterfaceAddr', ipv4),
      'ipv6-unicast': annotation('IPv6WireguardInterfaceAddr', ipv6),
    },
    hostLocal: hostLocalOf(resource, annotation('WireguardPublicKey', text), report),
  });
}

/** With host-local IPAM the WireGuard interface has the second address of the first podCIDR. */
function hostLocalOf(
  resource: Resource,
  publicKey: string | undefined,
  report: Report,
): NodeView['hostLocal'] {
  const fields = report.lenient((inner) => coreSpec(resource.spec, 'spec', inner));
  const podCidrs = fields?.podCIDRs ?? (fields?.podCIDR === undefined ? [] : [fields.podCIDR]);
  const four = podCidrs.find(({ family }) => family === 'ipv4-unicast');
  const address = publicKey === undefined || four === undefined ? undefined : secondOf(four);
  return { podCidrs, wireguard: { 'ipv4-unicast': address, 'ipv6-unicast': undefined } };
}

const secondOf = ({ text: written }: Cidr): string =>
  formatIpv4Number((parseIpv4Number(written.split('/')[0] ?? '') ?? 0) + 1);

function addressOf(family: Family): Check<string> {
  return (value, field, report) => nodeAddress(family)(value, field, report)?.address;
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
  readonly wireguard: NodeView['wireguard'];
  readonly hostLocal: NodeView['hostLocal'];
}

const view = (
  resource: Resource,
  labels: ReadonlyMap<string, string>,
  { asn, ipv4: four, ipv6: six, clusterId, wireguard, hostLocal }: BgpFields,
): NodeView => ({
  kind: 'Node',
  name: resource.metadata.name,
  resource,
  labels,
  asn: asn || undefined,
  addresses: { 'ipv4-unicast': four, 'ipv6-unicast': six },
  clusterId,
  wireguard,
  hostLocal,
});
