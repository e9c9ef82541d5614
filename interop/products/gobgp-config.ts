import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  type NeighborConfig,
  networkOf,
  type SpeakerConfig,
  sessionName,
} from '../speaker.ts';

/** A configuration of gobgpd; throws what it has no words for. */
export function gobgpConfig(config: SpeakerConfig, host: Host): string {
  if (config.softwareVersion) throw new Lacks('no software version in its OPEN');
  if (config.kernel) throw new Lacks('a FIB is reached through zebra only');
  const { asn, routerId = host.ipv4, neighbors, announcements = [] } = config;
  const ranges = neighbors.filter(({ dynamic }) => dynamic);
  const measured = announcements.filter(({ linkBandwidth }) => linkBandwidth !== undefined);
  return JSON.stringify({
    global: {
      config: { as: asn, 'router-id': routerId },
      ...confederation(config),
      ...(measured.length === 0
        ? {}
        : { 'apply-policy': { config: { 'export-policy-list': measured.map(policyName) } } }),
    },
    'defined-sets': {
      'prefix-sets': measured.map((each) => ({
        'prefix-set-name': policyName(each),
        'prefix-list': [{ 'ip-prefix': each.prefix }],
      })),
    },
    'policy-definitions': measured.map((each) => linkBandwidth(each, asn)),
    neighbors: neighbors
      .filter(({ dynamic }) => !dynamic)
      .map((neighbor) =>
        neighborConfig(config, neighbor, host, { 'neighbor-address': addressOf(neighbor) }),
      ),
    'peer-groups': ranges.map((neighbor) =>
      neighborConfig(config, neighbor, host, { 'peer-group-name': sessionName(neighbor) }),
    ),
    'dynamic-neighbors': ranges.map((neighbor) => ({
      config: { prefix: networkOf(neighbor), 'peer-group': sessionName(neighbor) },
    })),
  });
}

function neighborConfig(
  { clusterId }: SpeakerConfig,
  neighbor: NeighborConfig,
  host: Host,
  name: object,
): object {
  refuse(neighbor);
  const { holdTime = 90, gracefulRestart: restart, longLived, ttlSecurity } = neighbor;
  return {
    config: {
      ...name,
      'peer-as': neighbor.asn,
      ...(neighbor.localAsn === undefined ? {} : { 'local-as': neighbor.localAsn }),
      'auth-password': neighbor.password ?? '',
    },
    timers: {
      config: {
        'connect-retry': 1,
        'idle-hold-time-after-reset': 1,
        'hold-time': holdTime,
        'keepalive-interval': Math.floor(holdTime / 3),
      },
    },
    transport: {
      config: {
        'local-address': host[neighbor.transport],
        'passive-mode': neighbor.passive ?? false,
      },
    },
    ...(ttlSecurity === undefined
      ? {}
      : { 'ttl-security': { config: { enabled: true, 'ttl-min': 256 - ttlSecurity } } }),
    ...(neighbor.allowOwnAs === undefined
      ? {}
      : { 'as-path-options': { config: { 'allow-own-as': neighbor.allowOwnAs } } }),
    ...(neighbor.reflectorClient
      ? {
          'route-reflector': {
            config: { 'route-reflector-client': true, 'route-reflector-cluster-id': clusterId },
          },
        }
      : {}),
    ...(neighbor.routeServer === 'client'
      ? { 'route-server': { config: { 'route-server-client': true } } }
      : {}),
    ...(restart === undefined
      ? {}
      : {
          'graceful-restart': {
            config: {
              enabled: true,
              'restart-time': restart,
              'long-lived-enabled': longLived !== undefined,
            },
          },
        }),
    'afi-safis': neighbor.families.map((family) => ({
      config: { 'afi-safi-name': family },
      ...(restart === undefined ? {} : { 'mp-graceful-restart': { config: { enabled: true } } }),
      ...(longLived === undefined
        ? {}
        : {
            'long-lived-graceful-restart': { config: { enabled: true, 'restart-time': longLived } },
          }),
      ...(neighbor.addPath ? { 'add-paths': { config: { receive: true, 'send-max': 8 } } } : {}),
    })),
  };
}

function confederation({ confederation: whole }: SpeakerConfig): object {
  if (whole === undefined) return {};
  const { identifier, members } = whole;
  return {
    confederation: { config: { enabled: true, identifier, 'member-as-list': members } },
  };
}

const policyName = ({ prefix }: Announcement): string => `bandwidth of ${prefix}`;

/** The command that adds a route has no word for it, a policy has. */
function linkBandwidth(announcement: Announcement, asn: number): object {
  const name = policyName(announcement);
  const community = `lb:${asn}:${announcement.linkBandwidth}`;
  return {
    name,
    statements: [
      {
        name,
        conditions: { 'match-prefix-set': { 'prefix-set': name } },
        actions: {
          'bgp-actions': {
            'set-ext-community': {
              options: 'add',
              'set-ext-community-method': { 'communities-list': [community] },
            },
          },
        },
      },
    ],
  };
}

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.policy === 'none') throw new Lacks('no sessions without a policy (RFC 8212)');
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.longOpen)
    throw new Lacks('no OPEN with more than 255 octets of optional parameters');
  if (neighbor.enhancedRefresh) throw new Lacks('no enhanced refresh (RFC 7313)');
  if (neighbor.role !== undefined) throw new Lacks('no roles (RFC 9234)');
  if (neighbor.communities !== undefined) throw new Lacks('no extended messages (RFC 8654)');
  if (neighbor.twoOctetAs) throw new Lacks('the 4-octet AS capability cannot be hidden');
  if (neighbor.prepend !== undefined) throw new Lacks('no prepending without a policy by name');
  if (neighbor.transport === 'linkLocal')
    throw new Lacks('link-local neighbours by discovery only');
}
