import type { Host } from '../runner.ts';
import {
  addressOf,
  isIpv6,
  type NeighborConfig,
  type SpeakerConfig,
  sessionName,
} from '../speaker.ts';

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast'] as const;
type Family = (typeof FAMILIES)[number];

/** A configuration of FRR's bgpd. */
export function bgpdConfig(config: SpeakerConfig, host: Host): string {
  return [
    'frr defaults datacenter',
    'log stdout debugging',
    'debug bgp neighbor-events',
    'debug bgp graceful-restart',
    `router bgp ${config.asn}`,
    ` bgp router-id ${config.routerId ?? host.ipv4}`,
    ...(config.clusterId === undefined ? [] : [` bgp cluster-id ${config.clusterId}`]),
    // By default the first routes for a new peer wait a second and longer for company.
    ' coalesce-time 0',
    ' no bgp ebgp-requires-policy',
    ' no bgp default ipv4-unicast',
    ' no bgp network import-check',
    ...gracefulRestart(config.neighbors),
    ...notificationRestart(config.neighbors),
    ...longLived(config.neighbors),
    ...config.neighbors.flatMap((neighbor) => session(neighbor, host)),
    ...FAMILIES.flatMap((family) => addressFamily(family, config)),
    ...config.neighbors.flatMap(prependMap),
    '',
  ].join('\n');
}

function session(neighbor: NeighborConfig, host: Host): readonly string[] {
  const { holdTime = 90, gracefulRestart: restart } = neighbor;
  const name = ` neighbor ${addressOf(neighbor)}`;
  return [
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
  ];
}

function addressFamily(family: Family, config: SpeakerConfig): readonly string[] {
  const networks = (config.networks ?? []).filter(
    (prefix) => isIpv6(prefix) === (family === 'ipv6-unicast'),
  );
  const neighbors = config.neighbors.filter(({ families }) => families.includes(family));
  return [
    ` address-family ${family.replace('-', ' ')}`,
    ...networks.map((prefix) => `  network ${prefix}`),
    ...(config.kernel ? ['  redistribute kernel'] : []),
    ...neighbors.flatMap(activate),
    ' exit-address-family',
  ];
}

function activate(neighbor: NeighborConfig): readonly string[] {
  const name = `  neighbor ${addressOf(neighbor)}`;
  return [
    `${name} activate`,
    ...(neighbor.reflectorClient ? [`${name} route-reflector-client`] : []),
    ...(neighbor.prepend === undefined ? [] : [`${name} route-map ${mapName(neighbor)} out`]),
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

const mapName = (neighbor: NeighborConfig): string => `${sessionName(neighbor)}_prepend`;

function prependMap(neighbor: NeighborConfig): readonly string[] {
  if (neighbor.prepend === undefined) return [];
  return [`route-map ${mapName(neighbor)} permit 10`, ` set as-path prepend ${neighbor.prepend}`];
}
