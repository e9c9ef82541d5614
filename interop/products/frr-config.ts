import { formatIpv4Number, parseIpv4Number } from '../../src/net/address.ts';
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
  sessionName,
} from '../speaker.ts';

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast'] as const;
const OTHER_FAMILIES = [
  ...['ipv4', 'ipv6'].flatMap((afi) =>
    ['multicast', 'vpn', 'flowspec'].map((safi) => `${afi} ${safi}`),
  ),
  'l2vpn evpn',
];
type Family = (typeof FAMILIES)[number];

/** A configuration of FRR's bgpd. */
export function bgpdConfig(config: SpeakerConfig, host: Host): string {
  const long = config.neighbors.some(({ longOpen }) => longOpen);
  const hostName = long ? 'very-'.repeat(12) : config.hostName;
  return [
    'frr defaults datacenter',
    'log stdout debugging',
    ...(hostName === undefined ? [] : [`hostname ${hostName}`]),
    'debug bgp neighbor-events',
    'debug bgp graceful-restart',
    `router bgp ${config.asn}`,
    ` bgp router-id ${config.routerId ?? host.ipv4}`,
    ...(config.clusterId === undefined ? [] : [` bgp cluster-id ${config.clusterId}`]),
    // By default the first routes for a new peer wait a second and longer for company.
    ' coalesce-time 0',
    ...confederation(config),
    ` ${config.neighbors.some(({ policy }) => policy === 'none') ? '' : 'no '}bgp ebgp-requires-policy`,
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ...gracefulRestart(config.neighbors),
    ...notificationRestart(config.neighbors),
    ...longLived(config.neighbors),
    ...config.neighbors.flatMap((neighbor) => session(neighbor, host)),
    ...FAMILIES.flatMap((family) => addressFamily(family, config)),
    ...OTHER_FAMILIES.flatMap((family) => otherFamily(family, config)),
    ...config.neighbors.flatMap((neighbor) => outgoingMap(config, neighbor)),
    ...(config.announcements ?? []).flatMap(contributorMaps),
    '',
  ].join('\n');
}

/** Dynamic neighbours go by the name of their peer group. */
const nameOf = (neighbor: NeighborConfig): string =>
  neighbor.dynamic ? sessionName(neighbor) : addressOf(neighbor);

function session(neighbor: NeighborConfig, host: Host): readonly string[] {
  const { holdTime = 90, gracefulRestart: restart, communities = 0 } = neighbor;
  if (communities > 0) throw new Lacks('no line of configuration that holds 1,500 communities');
  const name = ` neighbor ${nameOf(neighbor)}`;
  return [
    ...(neighbor.dynamic ? [`${name} peer-group`] : []),
    `${name} remote-as ${neighbor.asn}`,
    neighbor.transport === 'linkLocal'
      ? `${name} interface eth0`
      : `${name} update-source ${host[neighbor.transport]}`,
    ...(neighbor.extendedNextHop ? [`${name} capability extended-nexthop`] : []),
    `${name} timers ${Math.floor(holdTime / 3)} ${holdTime}`,
    `${name} timers connect 1`,
    `${name} advertisement-interval 0`,
    `${name} ${restart === undefined ? 'graceful-restart-disable' : 'graceful-restart'}`,
    ...(neighbor.bfd === undefined ? [] : [`${name} bfd 3 100 100`]),
    ...(neighbor.bfd === 'multihop' ? [`${name} ebgp-multihop 5`] : []),
    ...(neighbor.password === undefined ? [] : [`${name} password ${neighbor.password}`]),
    ...(neighbor.ttlSecurity === undefined
      ? []
      : [`${name} ttl-security hops ${neighbor.ttlSecurity}`]),
    ...(neighbor.role === undefined ? [] : [`${name} local-role ${neighbor.role}`]),
    ...(neighbor.passive ? [`${name} passive`] : []),
    // FRR cannot hide one capability; without any it is an "OLD" speaker of RFC 6793.
    ...(neighbor.twoOctetAs ? [`${name} dont-capability-negotiate`] : []),
    ...(neighbor.routeServer === 'server' ? [` no${name} enforce-first-as`] : []),
    ...(neighbor.dynamic
      ? [` bgp listen range ${networkOf(neighbor)} peer-group ${nameOf(neighbor)}`]
      : []),
    ...(neighbor.localAsn === undefined
      ? []
      : [`${name} local-as ${neighbor.localAsn} no-prepend replace-as`]),
  ];
}

function addressFamily(family: Family, config: SpeakerConfig): readonly string[] {
  const isOf = (prefix: string): boolean => isIpv6(prefix) === (family === 'ipv6-unicast');
  const aggregates = (config.announcements ?? []).filter(({ asSet }) => asSet !== undefined);
  const networks = networksOf(config).filter(
    (each) => isOf(each) && !aggregates.some(({ prefix }) => prefix === each),
  );
  const neighbors = config.neighbors.filter(({ families }) => families.includes(family));
  return [
    ` address-family ${family.replace('-', ' ')}`,
    ...networks.map((prefix) => `  network ${prefix}`),
    ...aggregates.filter(({ prefix }) => isOf(prefix)).flatMap(aggregate),
    ...(config.kernel ? ['  redistribute kernel'] : []),
    ...neighbors.flatMap((neighbor) => activate(config, neighbor)),
    ' exit-address-family',
  ];
}

/** Each has its place in several capabilities. */
function otherFamily(family: string, { neighbors }: SpeakerConfig): readonly string[] {
  const long = neighbors.filter(({ longOpen }) => longOpen);
  return [
    ` address-family ${family}`,
    ...long.map((neighbor) => `  neighbor ${nameOf(neighbor)} activate`),
    ' exit-address-family',
  ];
}

function activate(config: SpeakerConfig, neighbor: NeighborConfig): readonly string[] {
  const name = `  neighbor ${nameOf(neighbor)}`;
  return [
    `${name} activate`,
    ...(neighbor.reflectorClient ? [`${name} route-reflector-client`] : []),
    ...(neighbor.routeServer === 'client' ? [`${name} route-server-client`] : []),
    ...(outgoingMap(config, neighbor).length === 0
      ? []
      : [`${name} route-map ${mapName(neighbor)} out`]),
    ...(neighbor.allowOwnAs === undefined ? [] : [`${name} allowas-in ${neighbor.allowOwnAs}`]),
    ...(neighbor.addPath ? [`${name} addpath-tx-all-paths`] : []),
  ];
}

function gracefulRestart(neighbors: readonly NeighborConfig[]): readonly string[] {
  const times = neighbors.flatMap(({ gracefulRestart: seconds }) => seconds ?? []);
  if (times.length === 0) return [];
  return [
    ' bgp graceful-restart',
    ` bgp graceful-restart restart-time ${Math.max(...times)}`,
    ' bgp graceful-restart stalepath-time 60',
    // Without this the F bit stays clear, and a helper must drop its routes at once.
    ' bgp graceful-restart preserve-fw-state',
  ];
}

/** By default FRR wraps an Administrative Reset into a Hard Reset. */
function notificationRestart(neighbors: readonly NeighborConfig[]): readonly string[] {
  if (!neighbors.some((neighbor) => neighbor.notificationRestart)) return [];
  return [' bgp graceful-restart notification', ' no bgp hard-administrative-reset'];
}

function longLived(neighbors: readonly NeighborConfig[]): readonly string[] {
  const times = neighbors.flatMap(({ longLived: seconds }) => seconds ?? []);
  if (times.length === 0) return [];
  return [` bgp long-lived-graceful-restart stale-time ${Math.max(...times)}`];
}

function confederation({ confederation: whole }: SpeakerConfig): readonly string[] {
  if (whole === undefined) return [];
  return [
    ` bgp confederation identifier ${whole.identifier}`,
    ` bgp confederation peers ${whole.members.join(' ')}`,
  ];
}

const mapName = (neighbor: NeighborConfig): string => `${sessionName(neighbor)}_out`;

/** What the neighbour gets otherwise than it is; none: nothing. */
function outgoingMap(
  { announcements = [] }: SpeakerConfig,
  neighbor: NeighborConfig,
): readonly string[] {
  const { prepend } = neighbor;
  if (prepend === undefined && announcements.length === 0) return [];
  const name = mapName(neighbor);
  return [
    ...announcements.flatMap((each, index) => [
      `ip prefix-list ${name}_${index} permit ${each.prefix}`,
      `route-map ${name} permit ${index + 1}`,
      ` match ip address prefix-list ${name}_${index}`,
      ...changes(each),
    ]),
    `route-map ${name} permit 1000`,
    ...(prepend === undefined ? [] : [` set as-path prepend ${prepend}`]),
  ];
}

function changes(announcement: Announcement): readonly string[] {
  const { path, med, localPref, communities, largeCommunities } = announcement;
  const { routeTarget, linkBandwidth } = announcement;
  return [
    ...(path === undefined ? [] : [` set as-path prepend ${path.join(' ')}`]),
    ...(med === undefined ? [] : [` set metric ${med}`]),
    ...(localPref === undefined ? [] : [` set local-preference ${localPref}`]),
    ...(communities === undefined ? [] : [` set community ${communities.join(' ')}`]),
    ...(largeCommunities === undefined
      ? []
      : [` set large-community ${largeCommunities.join(' ')}`]),
    ...(routeTarget === undefined ? [] : [` set extcommunity rt ${routeTarget}`]),
    // In megabits per second.
    ...(linkBandwidth === undefined
      ? []
      : [` set extcommunity bandwidth ${(linkBandwidth * 8) / 1e6}`]),
  ];
}

/** FRR makes an AS_SET of the paths of what it aggregates: more specific networks, one for each AS. */
const contributors = ({ prefix, asSet = [] }: Announcement): readonly Contributor[] =>
  asSet.map((asn, index) => ({ asn, prefix: part(prefix, index), map: `contributor_${asn}` }));

interface Contributor {
  readonly asn: number;
  readonly prefix: string;
  readonly map: string;
}

const aggregate = (announcement: Announcement): readonly string[] => [
  ...contributors(announcement).map(({ prefix, map }) => `  network ${prefix} route-map ${map}`),
  `  aggregate-address ${announcement.prefix} as-set summary-only`,
];

const contributorMaps = (announcement: Announcement): readonly string[] =>
  contributors(announcement).flatMap(({ asn, map }) => [
    `route-map ${map} permit 10`,
    ` set as-path prepend ${asn}`,
  ]);

/** The address of that number within an IPv4 prefix, as a prefix. */
function part(prefix: string, index: number): string {
  const [address = ''] = prefix.split('/');
  return `${formatIpv4Number((parseIpv4Number(address) ?? 0) + index)}/32`;
}
