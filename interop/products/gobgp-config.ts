import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import { addressOf, type NeighborConfig, type SpeakerConfig } from '../speaker.ts';

/** A configuration of gobgpd; throws what it has no words for. */
export function gobgpConfig(config: SpeakerConfig, host: Host): string {
  if (config.kernel) throw new Lacks('a FIB is reached through zebra only');
  const { asn, routerId = host.ipv4, neighbors } = config;
  return JSON.stringify({
    global: { config: { as: asn, 'router-id': routerId } },
    neighbors: neighbors.map((neighbor) => neighborConfig(config, neighbor, host)),
  });
}

function neighborConfig(
  { clusterId }: SpeakerConfig,
  neighbor: NeighborConfig,
  host: Host,
): object {
  refuse(neighbor);
  const { holdTime = 90, gracefulRestart: restart, longLived, ttlSecurity } = neighbor;
  return {
    config: {
      'neighbor-address': addressOf(neighbor),
      'peer-as': neighbor.asn,
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
    ...(neighbor.reflectorClient
      ? {
          'route-reflector': {
            config: { 'route-reflector-client': true, 'route-reflector-cluster-id': clusterId },
          },
        }
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

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.enhancedRefresh) throw new Lacks('no enhanced refresh (RFC 7313)');
  if (neighbor.role !== undefined) throw new Lacks('no roles (RFC 9234)');
  if (neighbor.communities !== undefined) throw new Lacks('no extended messages (RFC 8654)');
  if (neighbor.twoOctetAs) throw new Lacks('the 4-octet AS capability cannot be hidden');
  if (neighbor.prepend !== undefined) throw new Lacks('no prepending without a policy by name');
  if (neighbor.transport === 'linkLocal')
    throw new Lacks('link-local neighbours by discovery only');
}
