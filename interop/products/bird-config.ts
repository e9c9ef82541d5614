import type { Host } from '../runner.ts';
import {
  addressOf,
  isIpv6,
  manyCommunities,
  type NeighborConfig,
  type SpeakerConfig,
  sessionName,
} from '../speaker.ts';

const CHANNELS = ['ipv4', 'ipv6'] as const;
type Channel = (typeof CHANNELS)[number];

/** A configuration of BIRD 2. */
export function birdConfig(config: SpeakerConfig, host: Host): string {
  const networks = config.networks ?? [];
  return [
    'log stderr all;',
    `router id ${config.routerId ?? host.ipv4};`,
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
  const filter = `filter { if source = RTS_DEVICE then reject; ${prepend} ${communities} accept; }`;
  const imported = config.gracefulShutdown
    ? 'filter { if (65535, 0) ~ bgp_community then bgp_local_pref = 0; accept; }'
    : 'all';
  const limit =
    neighbor.prefixLimit === undefined ? '' : ` import limit ${neighbor.prefixLimit} action block;`;
  const extended = neighbor.extendedNextHop ? ' extended next hop on;' : '';
  const channel = (name: Channel): string =>
    `  ${name} { import ${imported};${limit} export ${filter};${addPath}${name === 'ipv4' ? extended : ''} };`;
  return [
    `protocol bgp ${sessionName(neighbor)} {`,
    `  local ${host[neighbor.transport]} as ${config.asn};`,
    `  neighbor ${addressOf(neighbor)} as ${neighbor.asn};`,
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
    ...(config.clusterId === undefined ? [] : [`  rr cluster id ${config.clusterId};`]),
    ...(neighbor.password === undefined ? [] : [`  password "${neighbor.password}";`]),
    ...(neighbor.ttlSecurity === undefined ? [] : ['  ttl security on;']),
    ...gracefulRestart(neighbor),
    ...channels.map(channel),
    '}',
  ].join('\n');
}

/** With plain `on` the end of BFD ends a graceful restart, although it shares the fate of BGP. */
function bfd({ bfd: kind, gracefulRestart: seconds }: NeighborConfig): readonly string[] {
  if (kind === undefined) return [];
  return [`  bfd ${seconds === undefined ? 'on' : 'graceful'};`];
}

function gracefulRestart(neighbor: NeighborConfig): readonly string[] {
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
