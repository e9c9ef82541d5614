import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import { addressOf, isIpv6, type NeighborConfig, type SpeakerConfig } from '../speaker.ts';

/** Where the helper process writes what it is told. */
export const MESSAGES = 'messages.jsonl';

/** A configuration of ExaBGP; throws what it has no words for. */
export function exabgpConfig(config: SpeakerConfig, host: Host): string {
  if (config.kernel) throw new Lacks('no FIB');
  if (config.clusterId !== undefined) throw new Lacks('no table, hence no route reflector');
  if (config.neighbors.length > 1) throw new Lacks('no table, hence nothing that it hands on');
  // Its standard output must stay open, or ExaBGP takes it for dead: hence no exec.
  const writer = host.write('writer.sh', `#!/bin/sh\ncat >>${host.folder}/${MESSAGES}\n`);
  return [
    `process writer { run /bin/sh ${writer}; encoder json; }`,
    ...config.neighbors.map((neighbor) => section(config, neighbor, host)),
    '',
  ].join('\n');
}

function section(
  { asn, routerId, networks = [] }: SpeakerConfig,
  neighbor: NeighborConfig,
  host: Host,
): string {
  refuse(neighbor);
  const { families, holdTime = 90, gracefulRestart: restart, prepend, ttlSecurity } = neighbor;
  const own = networks.filter((prefix) =>
    families.some((family) => family.startsWith(isIpv6(prefix) ? 'ipv6' : 'ipv4')),
  );
  const path = prepend === undefined ? '' : ` as-path [ ${asn} ${prepend} ]`;
  const nextHop = (prefix: string): string => host[isIpv6(prefix) ? 'ipv6' : 'ipv4'];
  return [
    `neighbor ${addressOf(neighbor)} {`,
    `  router-id ${routerId ?? host.ipv4};`,
    `  local-address ${host[neighbor.transport]};`,
    `  local-as ${asn}; peer-as ${neighbor.asn};`,
    `  hold-time ${holdTime};`,
    ...(neighbor.passive ? ['  passive true; listen 179;'] : []),
    ...(neighbor.password === undefined ? [] : [`  md5-password "${neighbor.password}";`]),
    ...(ttlSecurity === undefined
      ? []
      : [`  outgoing-ttl 255; incoming-ttl ${256 - ttlSecurity};`]),
    `  family { ${families.map((family) => `${family.replace('-', ' ')};`).join(' ')} }`,
    `  capability { asn4 ${neighbor.twoOctetAs ? 'disable' : 'enable'}; route-refresh enable;`,
    ...(restart === undefined ? [] : [`    graceful-restart ${restart};`]),
    ...(neighbor.addPath ? ['    add-path send/receive;'] : []),
    ...(neighbor.extendedNextHop ? ['    nexthop enable;'] : []),
    '  }',
    ...(neighbor.extendedNextHop ? ['  nexthop { ipv4 unicast ipv6; }'] : []),
    '  static {',
    ...own.map((prefix) => `    route ${prefix} next-hop ${nextHop(prefix)}${path};`),
    '  }',
    '  api { processes [ writer ]; neighbor-changes; receive { parsed; update; } }',
    '}',
  ].join('\n');
}

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.longLived !== undefined) throw new Lacks('no long-lived graceful restart');
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.ttlSecurity !== undefined && neighbor.transport === 'ipv6')
    throw new Lacks('no TTL security over IPv6');
  if (neighbor.enhancedRefresh) throw new Lacks('no enhanced refresh without its command pipe');
  if (neighbor.role !== undefined) throw new Lacks('no roles (RFC 9234)');
  if (neighbor.communities !== undefined) throw new Lacks('no communities by the thousand');
  if (neighbor.transport === 'linkLocal') throw new Lacks('no link-local neighbours');
}
