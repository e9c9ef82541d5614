import { formatAddress, parseAddress } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import { readSessionAnnotations } from './annotations.ts';
import { asNumber, duration, ipAddress, isHostAddress, password, selector } from './fields.ts';
import type { Report } from './report.ts';
import { flag, integer, listOf, oneOf, parsed, shape, text } from './schema.ts';
import type { BGPPeerView, PeerForm } from './views.ts';

interface PeerIP {
  readonly address: string;
  readonly port: number | undefined;
}

const peerIP = parsed(
  'the address of a host, not link-local: IP, IPv4:port or [IPv6]:port',
  parsePeerIP,
);

const spec = shape({
  node: text,
  nodeSelector: selector,
  peerIP,
  peerSelector: selector,
  localWorkloadSelector: selector,
  asNumber,
  localASNumber: asNumber,
  keepOriginalNextHop: flag,
  nextHopMode: oneOf('Auto', 'Self', 'Keep'),
  password,
  sourceAddress: oneOf('UseNodeIP', 'None'),
  maxRestartTime: duration,
  keepaliveTime: duration,
  numAllowedLocalASNumbers: integer(0, 2_147_483_647),
  ttlSecurity: integer(0, 255),
  reachableBy: ipAddress,
  filters: listOf(text),
  reversePeering: oneOf('Auto', 'Manual'),
});

type Fields = NonNullable<ReturnType<typeof spec>>;

/** Reads a BGPPeer under the rules that Calico's API server and Typha apply. */
export function readBGPPeer(resource: Resource, report: Report): BGPPeerView | undefined {
  const fields = spec(resource.spec, 'spec', report);
  if (fields === undefined || report.broken) return undefined;
  checkTogether(fields, report);
  const form = formOf(fields, report);
  if (form === undefined) return undefined;
  return {
    kind: 'BGPPeer',
    name: resource.metadata.name,
    resource,
    local: localOf(fields),
    form,
    localAsn: fields.localASNumber || undefined,
    nextHopMode: fields.nextHopMode,
    keepOriginalNextHop: fields.keepOriginalNextHop ?? false,
    password: fields.password,
    useNodeIp: fields.sourceAddress !== 'None',
    restartTime: fields.maxRestartTime,
    keepaliveTime: fields.keepaliveTime || undefined,
    annotated: readSessionAnnotations(resource, report),
    // No AS_PATH that fits into a message makes a greater number any different.
    allowOwnAs: Math.min(fields.numAllowedLocalASNumbers ?? 0, 255),
    ttlSecurity: fields.ttlSecurity || undefined,
    reachableBy: fields.reachableBy,
    filters: fields.filters ?? [],
    reversePeering: fields.reversePeering !== 'Manual',
  };
}

/** Splits as Go's SplitHostPort does: a bare IPv6 address has no port, `[IPv6]` alone is refused. */
function parsePeerIP(written: string): PeerIP | undefined {
  const bare = parseHost(written);
  if (bare !== undefined) return { address: bare, port: undefined };
  const [, six, four, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(written) ?? [];
  const address = parseHost(six ?? four ?? '');
  if (address === undefined || Number(digits) > 65_535) return undefined;
  if ((six !== undefined) !== address.includes(':')) return undefined;
  return { address, port: Number(digits) || undefined };
}

function parseHost(written: string): string | undefined {
  const bytes = parseAddress(written);
  return bytes && isHostAddress(bytes) ? formatAddress(bytes) : undefined;
}

function localOf({ node, nodeSelector }: Fields): BGPPeerView['local'] {
  if (nodeSelector !== undefined) return { selector: nodeSelector };
  return node === undefined ? undefined : { node };
}

function formOf(fields: Fields, report: Report): PeerForm | undefined {
  const asn = fields.asNumber || undefined;
  if (fields.peerSelector !== undefined) return { type: 'selector', selector: fields.peerSelector };
  if (fields.peerIP === undefined && fields.localWorkloadSelector === undefined)
    return conflict(
      report,
      'peerIP',
      'is missing, and so are peerSelector and localWorkloadSelector',
      'Say who the peer is',
    );
  if (fields.peerIP !== undefined) {
    if (asn === undefined) missingAsn(report);
    return { type: 'ip', family: familyOf(fields.peerIP), ...fields.peerIP, asn };
  }
  if (asn === undefined || fields.localWorkloadSelector === undefined)
    return conflict(report, 'asNumber', 'is missing', "Give the peer's AS number");
  return { type: 'workload', selector: fields.localWorkloadSelector, asn };
}

/** BIRD refuses such a peering, but not the other end that Calico makes of it. */
const missingAsn = (report: Report): undefined =>
  report.warning(
    'conflicting-fields',
    'spec.asNumber',
    'is missing; the peering exists at its other end only, if that is a node',
    "Give the peer's AS number",
  );

const familyOf = ({ address }: PeerIP): Family =>
  address.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';

const EXCLUSIVE: readonly (readonly [keyof Fields, keyof Fields])[] = [
  ['node', 'nodeSelector'],
  ['peerIP', 'peerSelector'],
  ['asNumber', 'peerSelector'],
  ['peerIP', 'localWorkloadSelector'],
  ['peerSelector', 'localWorkloadSelector'],
];

function checkTogether(fields: Fields, report: Report): void {
  for (const [one, other] of EXCLUSIVE) {
    if (!fields[one] || !fields[other]) continue;
    conflict(report, one, `excludes ${other}`, `Remove one of ${one} and ${other}`);
  }
  if (fields.keepOriginalNextHop === true && fields.nextHopMode !== undefined)
    conflict(report, 'keepOriginalNextHop', 'excludes nextHopMode', 'Keep nextHopMode only');
  if (fields.reachableBy === undefined) return;
  const { peerIP: peer, reachableBy } = fields;
  if (peer === undefined)
    conflict(report, 'reachableBy', 'needs peerIP', 'Give peerIP, or remove reachableBy');
  else if (peer.address.includes(':') !== reachableBy.includes(':'))
    conflict(
      report,
      'reachableBy',
      `${reachableBy} and peerIP ${peer.address} are of different address families`,
      'Give a gateway of the family of peerIP',
    );
}

const conflict = (report: Report, field: keyof Fields, message: string, cure: string): undefined =>
  report.error('conflicting-fields', `spec.${field}`, message, cure);
