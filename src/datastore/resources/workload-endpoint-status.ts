import { formatAddress, parseAddress } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import { isHostAddress } from './fields.ts';
import type { Report } from './report.ts';
import { type Check, listOf, openShape, parsed, text } from './schema.ts';
import type { WorkloadEndpointStatusView } from './views.ts';

const spec = openShape({
  bgpPeerName: text,
  ipv4Nets: listOf(hostOf('ipv4-unicast')),
  ipv6Nets: listOf(hostOf('ipv6-unicast')),
});

/** Reads what Felix says of a workload; undefined also for one that no BGPPeer selects. */
export function readWorkloadEndpointStatus(
  resource: Resource,
  report: Report,
): WorkloadEndpointStatusView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields?.bgpPeerName === undefined) return undefined;
  return {
    kind: 'WorkloadEndpointStatus',
    name: resource.metadata.name,
    resource,
    peerName: fields.bgpPeerName,
    addresses: { 'ipv4-unicast': fields.ipv4Nets?.[0], 'ipv6-unicast': fields.ipv6Nets?.[0] },
  };
}

/** The address of a net such as `10.1.0.7/32`. */
function hostOf(family: Family): Check<string> {
  const octets = family === 'ipv4-unicast' ? 4 : 16;
  return parsed('the address of a workload', (written) => {
    const bytes = parseAddress(written.split('/')[0] ?? '');
    return bytes?.length === octets && isHostAddress(bytes) ? formatAddress(bytes) : undefined;
  });
}
