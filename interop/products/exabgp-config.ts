import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import {
  type Announcement,
  addressOf,
  isIpv6,
  type NeighborConfig,
  networkOf,
  type SpeakerConfig,
} from '../speaker.ts';

/** Where the helper process writes what it is told. */
export const MESSAGES = 'messages.jsonl';

/** A configuration of ExaBGP; throws what it has no words for. */
export function exabgpConfig(config: SpeakerConfig, host: Host): string {
  if (config.kernel) throw new Lacks('no FIB');
  if (config.confederation !== undefined) throw new Lacks('no confederations (RFC 5065)');
  if (config.softwareVersion) throw new Lacks('no software version in its OPEN');
  if (config.hostName !== undefined) throw new Lacks('its host-name is sent to nobody');
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
  { asn, routerId, networks = [], announcements = [] }: SpeakerConfig,
  neighbor: NeighborConfig,
  host: Host,
): string {
  refuse(neighbor);
  const { families, holdTime = 90, gracefulRestart: restart, prepend, ttlSecurity } = neighbor;
  const localAsn = neighbor.localAsn ?? asn;
  const plain = networks.map(
    (prefix): Announcement => ({ prefix, ...(prepend !== undefined && { path: [prepend] }) }),
  );
  const own = [...plain, ...announcements].filter(({ prefix }) =>
    families.some((family) => family.startsWith(isIpv6(prefix) ? 'ipv6' : 'ipv4')),
  );
  const id = neighbor.addPath ? ' path-information 0.0.0.1' : '';
  // What is written here is the whole path.
  const front = neighbor.asn === localAsn ? [] : [localAsn];
  const nextHop = (prefix: string): string => host[isIpv6(prefix) ? 'ipv6' : 'ipv4'];
  return [
    `neighbor ${neighbor.dynamic ? networkOf(neighbor) : addressOf(neighbor)} {`,
    `  router-id ${routerId ?? host.ipv4};`,
    `  local-address ${host[neighbor.transport]};`,
    `  local-as ${localAsn}; peer-as ${neighbor.asn};`,
    `  hold-time ${holdTime};`,
    ...(neighbor.passive || neighbor.dynamic ? ['  passive true; listen 179;'] : []),
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
    ...own.map((each) => {
      const { prefix } = each;
      return `    route ${prefix}${id} next-hop ${nextHop(prefix)}${attributes(each, front)};`;
    }),
    '  }',
    '  api { processes [ writer ]; neighbor-changes; receive { parsed; update; } }',
    '}',
  ].join('\n');
}

function attributes(announcement: Announcement, front: readonly number[]): string {
  const { path = [], asSet, med, localPref, communities, largeCommunities } = announcement;
  const { routeTarget, linkBandwidth } = announcement;
  const set = asSet === undefined ? '' : `( ${asSet.join(' ')} ) `;
  const extended = [
    ...(routeTarget === undefined ? [] : [`target:${routeTarget}`]),
    ...(linkBandwidth === undefined ? [] : [`bandwidth:65000:${linkBandwidth}`]),
  ];
  const lists = [
    ['community', communities ?? []],
    ['large-community', largeCommunities ?? []],
    ['extended-community', extended],
  ] as const;
  return [
    ...(path.length > 0 || set !== ''
      ? [` as-path [ ${[...front, ...path].join(' ')} ${set}]`]
      : []),
    ...(med === undefined ? [] : [` med ${med}`]),
    ...(localPref === undefined ? [] : [` local-preference ${localPref}`]),
    ...lists.flatMap(([name, list]) =>
      list.length === 0 ? [] : [` ${name} [ ${list.join(' ')} ]`],
    ),
  ].join('');
}

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.longOpen)
    throw new Lacks('no OPEN with more than 255 octets of optional parameters');
  if (neighbor.policy === 'none') throw new Lacks('no policies');
  if (neighbor.longLived !== undefined) throw new Lacks('no long-lived graceful restart');
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.ttlSecurity !== undefined && neighbor.transport === 'ipv6')
    throw new Lacks('no TTL security over IPv6');
  if (neighbor.enhancedRefresh) throw new Lacks('no enhanced refresh without its command pipe');
  if (neighbor.role !== undefined) throw new Lacks('no roles (RFC 9234)');
  if (neighbor.communities !== undefined) throw new Lacks('no communities by the thousand');
  if (neighbor.shutdownText) throw new Lacks('it stumbles over words in a NOTIFICATION (RFC 9003)');
  if (neighbor.transport === 'linkLocal') throw new Lacks('no link-local neighbours');
}
