import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  isIpv6,
  manyCommunities,
  type NeighborConfig,
  networkOf,
  networksOf,
  type SpeakerConfig,
  sessionName,
} from '../speaker.ts';

const CHANNELS = ['ipv4', 'ipv6'] as const;
type Channel = (typeof CHANNELS)[number];

/** A configuration of BIRD 2. */
export function birdConfig(config: SpeakerConfig, host: Host): string {
  if (config.softwareVersion) throw new Lacks('no software version in its OPEN');
  const networks = networksOf(config);
  const long = config.neighbors.some(({ longOpen }) => longOpen);
  const hostName = long ? 'very-'.repeat(48) : config.hostName;
  return [
    'log stderr all;',
    `router id ${config.routerId ?? host.ipv4};`,
    ...(hostName === undefined ? [] : [`hostname "${hostName}";`]),
    // Long enough that no scenario passes by a scan: only netlink events count.
    `protocol device { scan time ${config.kernel ? 1 : 60}; }`,
    'protocol direct { ipv4; ipv6; }',
    ...CHANNELS.map((channel) => staticRoutes(channel, networks)),
    ...(config.kernel ? CHANNELS.map(kernel) : []),
    ...(config.neighbors.some(({ bfd }) => bfd !== undefined) ? [BFD] : []),
    ...config.neighbors.map((neighbor) => bgp(config, neighbor, host)),
    '',
  ].join('\n');
}

function staticRoutes(channel: Channel, networks: readonly string[]): string {
  const own = networks.filter((prefix) => isIpv6(prefix) === (channel === 'ipv6'));
  const routes = own.map((prefix) => `  route ${prefix} blackhole;`);
  return [`protocol static static_${channel} {`, `  ${channel};`, ...routes, '}'].join('\n');
}

/**
 * Like Calico's: what it learned stays in the FIB when it ends, foreign routes are learned. Without
 * `graceful restart` here BIRD clears its FIB at a restart and tells its peers so (F bit clear).
 */
const kernel = (channel: Channel): string =>
  [
    `protocol kernel { ${channel} { export where source = RTS_BGP; };`,
    '  learn; persist; graceful restart; scan time 2; }',
  ].join('\n');

const BFD = [
  'protocol bfd {',
  '  interface "*" { interval 100 ms; multiplier 3; };',
  '  multihop { interval 100 ms; multiplier 3; };',
  '}',
].join('\n');

function bgp(config: SpeakerConfig, neighbor: NeighborConfig, host: Host): string {
  const channels = neighbor.families.map((family) => family.slice(0, 4) as Channel);
  const addPath = neighbor.addPath ? ' add paths on;' : '';
  // Connected subnets are in the tables for next hops only.
  const prepend = neighbor.prepend === undefined ? '' : `bgp_path.prepend(${neighbor.prepend});`;
  const communities = manyCommunities(neighbor.communities ?? 0)
    .map((each) => `bgp_community.add((${each.replace(':', ',')}));`)
    .join(' ');
  const own = (config.announcements ?? []).map(changes).join(' ');
  const filter =
    neighbor.policy === 'none'
      ? 'none'
      : `filter { if source = RTS_DEVICE then reject; ${prepend} ${communities} ${own} accept; }`;
  const imported = importOf(config, neighbor);
  const limit =
    neighbor.prefixLimit === undefined ? '' : ` import limit ${neighbor.prefixLimit} action block;`;
  const extended = neighbor.extendedNextHop ? ' extended next hop on;' : '';
  const channel = (name: Channel): string =>
    `  ${name} { import ${imported};${limit} export ${filter};${addPath}${name === 'ipv4' ? extended : ''} };`;
  return [
    `protocol bgp ${sessionName(neighbor)} {`,
    `  local ${host[neighbor.transport]} as ${neighbor.localAsn ?? config.asn};`,
    ...neighborOf(neighbor),
    ...(neighbor.longOpen || config.hostName !== undefined ? ['  advertise hostname on;'] : []),
    ...(neighbor.role === undefined ? [] : [`  local role ${neighbor.role};`]),
    ...(neighbor.communities === undefined ? [] : ['  enable extended messages on;']),
    ...(neighbor.transport === 'linkLocal' ? ['  interface "eth0";'] : []),
    neighbor.bfd === 'multihop' ? '  multihop 5;' : '  direct;',
    ...bfd(neighbor),
    `  passive ${flag(neighbor.passive)};`,
    `  hold time ${neighbor.holdTime ?? 90};`,
    '  connect delay time 1; connect retry time 2; error wait time 1, 2;',
    `  enable as4 ${flag(!neighbor.twoOctetAs)};`,
    ...(neighbor.reflectorClient ? ['  rr client;'] : []),
    ...(neighbor.routeServer === 'client' ? ['  rs client;'] : []),
    ...(neighbor.routeServer === 'server' ? ['  enforce first as off;'] : []),
    ...(config.clusterId === undefined ? [] : [`  rr cluster id ${config.clusterId};`]),
    ...confederation(config, neighbor),
    ...(neighbor.allowOwnAs === undefined ? [] : [`  allow local as ${neighbor.allowOwnAs};`]),
    ...(neighbor.password === undefined ? [] : [`  password "${neighbor.password}";`]),
    ...(neighbor.ttlSecurity === undefined ? [] : ['  ttl security on;']),
    ...gracefulRestart(neighbor),
    ...channels.map(channel),
    '}',
  ].join('\n');
}

function importOf({ gracefulShutdown }: SpeakerConfig, { policy }: NeighborConfig): string {
  if (policy === 'none') return 'none';
  return gracefulShutdown
    ? 'filter { if (65535, 0) ~ bgp_community then bgp_local_pref = 0; accept; }'
    : 'all';
}

/** As statements of a filter. */
function changes(announcement: Announcement): string {
  const {
    prefix,
    path = [],
    med,
    localPref,
    communities = [],
    largeCommunities = [],
  } = announcement;
  const { routeTarget, linkBandwidth } = announcement;
  if (announcement.asSet !== undefined) throw new Lacks('no words that make an AS_SET');
  const statements = [
    ...path.toReversed().map((asn) => `bgp_path.prepend(${asn});`),
    ...(med === undefined ? [] : [`bgp_med = ${med};`]),
    ...(localPref === undefined ? [] : [`bgp_local_pref = ${localPref};`]),
    ...communities.map((each) => `bgp_community.add((${commas(each)}));`),
    ...largeCommunities.map((each) => `bgp_large_community.add((${commas(each)}));`),
    ...(routeTarget === undefined ? [] : [`bgp_ext_community.add((rt, ${commas(routeTarget)}));`]),
    ...(linkBandwidth === undefined ? [] : [addLinkBandwidth(linkBandwidth)]),
  ];
  return `if net = ${prefix} then { ${statements.join(' ')} }`;
}

const commas = (community: string): string => community.replaceAll(':', ', ');

/** BIRD 2 has no name for Link Bandwidth: type 0x40, subtype 4, an AS number, and a float. */
function addLinkBandwidth(octetsPerSecond: number): string {
  const float = Buffer.alloc(4);
  float.writeFloatBE(octetsPerSecond);
  return `bgp_ext_community.add((generic, 0x4004fde8, 0x${float.toString('hex')}));`;
}

function confederation(
  { asn, confederation: whole }: SpeakerConfig,
  neighbor: NeighborConfig,
): readonly string[] {
  if (whole === undefined) return [];
  const inside = neighbor.asn === asn || whole.members.includes(neighbor.asn);
  return [
    `  confederation ${whole.identifier};`,
    ...(inside ? ['  confederation member yes;'] : []),
  ];
}

/** Protocols that BIRD makes for dynamic neighbours have names with a number. */
export const protocolName = (neighbor: NeighborConfig): string =>
  neighbor.dynamic ? `${sessionName(neighbor)}_1` : sessionName(neighbor);

const neighborOf = (neighbor: NeighborConfig): readonly string[] =>
  neighbor.dynamic
    ? [
        `  neighbor range ${networkOf(neighbor)} as ${neighbor.asn};`,
        `  dynamic name "${sessionName(neighbor)}_";`,
      ]
    : [`  neighbor ${addressOf(neighbor)} as ${neighbor.asn};`];

/** With plain `on` the end of BFD ends a graceful restart, although it shares the fate of BGP. */
function bfd({ bfd: kind, gracefulRestart: seconds }: NeighborConfig): readonly string[] {
  if (kind === undefined) return [];
  return [`  bfd ${seconds === undefined ? 'on' : 'graceful'};`];
}

function gracefulRestart(neighbor: NeighborConfig): readonly string[] {
  if (neighbor.notificationRestart) throw new Lacks('no notification restart (RFC 8538)');
  const { gracefulRestart: seconds, longLived } = neighbor;
  if (seconds === undefined) return ['  graceful restart off;'];
  return [
    '  graceful restart on;',
    `  graceful restart time ${seconds};`,
    ...(longLived === undefined
      ? []
      : ['  long lived graceful restart on;', `  long lived stale time ${longLived};`]),
  ];
}

const flag = (on: boolean | undefined): string => (on ? 'on' : 'off');
