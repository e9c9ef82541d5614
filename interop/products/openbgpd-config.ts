import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  isIpv6,
  type NeighborConfig,
  networkOf,
  networksOf,
  type SpeakerConfig,
} from '../speaker.ts';

/** The names that OpenBGPD insists on. */
export const WELL_KNOWN: Readonly<Record<string, string>> = {
  '65535:65281': 'NO_EXPORT',
  '65535:65282': 'NO_ADVERTISE',
  '65535:65283': 'NO_EXPORT_SUBCONFED',
  '65535:65284': 'NO_PEER',
};

/** A configuration of OpenBGPD; throws what it has no words for. */
export function openbgpdConfig(config: SpeakerConfig, host: Host): string {
  if (config.kernel) throw new Lacks('no FIB outside OpenBSD');
  if (config.softwareVersion) throw new Lacks('no software version in its OPEN');
  if (config.hostName !== undefined) throw new Lacks('no host names');
  if (config.confederation !== undefined) throw new Lacks('no confederations (RFC 5065)');
  const listen = [...new Set(config.neighbors.map(({ transport }) => host[transport]))];
  return [
    `AS ${config.asn}`,
    `router-id ${config.routerId ?? host.ipv4}`,
    `socket "${host.folder}/bgpd.sock"`,
    'fib-update no',
    'nexthop qualify via default',
    ...listen.map((address) => `listen on ${address}`),
    ...networksOf(config).map(
      (prefix) => `network ${prefix} set nexthop ${host[isIpv6(prefix) ? 'ipv6' : 'ipv4']}`,
    ),
    ...config.neighbors.map((neighbor) => section(config, neighbor, host)),
    'allow from any',
    'allow to any',
    ...config.neighbors.flatMap(prepend),
    ...(config.announcements ?? []).map(changes),
    '',
  ].join('\n');
}

function section(config: SpeakerConfig, neighbor: NeighborConfig, host: Host): string {
  const { asn, clusterId } = config;
  refuse(neighbor);
  if (neighbor.asn !== asn && neighbor.families.some((family) => !isOf(neighbor, family)))
    throw new Lacks("no next hop of its own in a family that is not the external session's");
  const { families, holdTime = 90, password } = neighbor;
  const has = (family: string): string =>
    families.some((each) => each.startsWith(family)) ? 'unicast' : 'none';
  return [
    `neighbor ${neighbor.dynamic ? networkOf(neighbor) : addressOf(neighbor)} {`,
    `  remote-as ${neighbor.asn}`,
    `  local-address ${host[neighbor.transport]}`,
    `  holdtime ${holdTime}`,
    `  announce IPv4 ${has('ipv4')}`,
    `  announce IPv6 ${has('ipv6')}`,
    '  announce enhanced refresh yes',
    ...(neighbor.addPath ? ['  announce add-path recv yes', '  announce add-path send all'] : []),
    ...(neighbor.twoOctetAs ? ['  announce as-4byte no'] : []),
    ...(neighbor.role === undefined ? [] : [`  announce policy ${neighbor.role}`]),
    ...(neighbor.localAsn === undefined ? [] : [`  local-as ${neighbor.localAsn}`]),
    ...(neighbor.allowOwnAs === undefined ? [] : ['  enforce local-as no']),
    ...(neighbor.passive ? ['  passive'] : []),
    ...(neighbor.reflectorClient ? [`  route-reflector ${clusterId ?? ''}`] : []),
    ...(neighbor.routeServer === 'client'
      ? ['  transparent-as yes', '  set nexthop no-modify']
      : []),
    ...(neighbor.routeServer === 'server' ? ['  enforce neighbor-as no'] : []),
    ...(password === undefined ? [] : [`  tcp md5sig password "${password}"`]),
    ...(neighbor.ttlSecurity === undefined ? [] : ['  ttl-security yes']),
    '}',
  ].join('\n');
}

const isOf = ({ transport }: NeighborConfig, family: string): boolean =>
  family.startsWith(transport);

/** OpenBGPD can only prepend its own number: another one stands for itself. */
function prepend(neighbor: NeighborConfig): readonly string[] {
  if (neighbor.prepend === undefined) return [];
  throw new Lacks('only its own AS number can be prepended');
}

/** As a filter rule: what a network is given at its origin decides at once whether it is sent. */
function changes(announcement: Announcement): string {
  const { prefix, path, asSet, med, localPref, communities = [], routeTarget } = announcement;
  const { largeCommunities = [], linkBandwidth } = announcement;
  if (path !== undefined || asSet !== undefined)
    throw new Lacks('only its own AS number can be prepended');
  if (linkBandwidth !== undefined) throw new Lacks('no Link Bandwidth');
  const set = [
    ...(med === undefined ? [] : [`med ${med}`]),
    ...(localPref === undefined ? [] : [`localpref ${localPref}`]),
    ...communities.map((each) => `community ${WELL_KNOWN[each] ?? each}`),
    ...largeCommunities.map((each) => `large-community ${each}`),
    ...(routeTarget === undefined ? [] : [`ext-community rt ${routeTarget}`]),
  ];
  return `match to any prefix ${prefix} set { ${set.join(' ')} }`;
}

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.policy === 'none') throw new Lacks('no word for a session without a policy');
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.longOpen)
    throw new Lacks('no OPEN with more than 255 octets of optional parameters');
  if (neighbor.extendedNextHop) throw new Lacks('no IPv6 next hops for IPv4 (RFC 8950)');
  if (neighbor.communities !== undefined) throw new Lacks('no extended messages (RFC 8654)');
  if (neighbor.gracefulRestart !== undefined)
    throw new Lacks('of graceful restart End-of-RIB only');
  if (neighbor.transport === 'linkLocal') throw new Lacks('no link-local neighbours');
}
