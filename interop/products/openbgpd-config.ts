import { Lacks } from '../eventually.ts';
import type { Host } from '../runner.ts';
import { addressOf, isIpv6, type NeighborConfig, type SpeakerConfig } from '../speaker.ts';

/** A configuration of OpenBGPD; throws what it has no words for. */
export function openbgpdConfig(config: SpeakerConfig, host: Host): string {
  if (config.kernel) throw new Lacks('no FIB outside OpenBSD');
  const listen = [...new Set(config.neighbors.map(({ transport }) => host[transport]))];
  return [
    `AS ${config.asn}`,
    `router-id ${config.routerId ?? host.ipv4}`,
    `socket "${host.folder}/bgpd.sock"`,
    'fib-update no',
    'nexthop qualify via default',
    ...listen.map((address) => `listen on ${address}`),
    ...(config.networks ?? []).map(
      (prefix) => `network ${prefix} set nexthop ${host[isIpv6(prefix) ? 'ipv6' : 'ipv4']}`,
    ),
    ...config.neighbors.map((neighbor) => section(config, neighbor, host)),
    'allow from any',
    'allow to any',
    ...config.neighbors.flatMap(prepend),
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
    `neighbor ${addressOf(neighbor)} {`,
    `  remote-as ${neighbor.asn}`,
    `  local-address ${host[neighbor.transport]}`,
    `  holdtime ${holdTime}`,
    `  announce IPv4 ${has('ipv4')}`,
    `  announce IPv6 ${has('ipv6')}`,
    '  announce enhanced refresh yes',
    ...(neighbor.addPath ? ['  announce add-path recv yes', '  announce add-path send all'] : []),
    ...(neighbor.twoOctetAs ? ['  announce as-4byte no'] : []),
    ...(neighbor.role === undefined ? [] : [`  announce policy ${neighbor.role}`]),
    ...(neighbor.passive ? ['  passive'] : []),
    ...(neighbor.reflectorClient ? [`  route-reflector ${clusterId ?? ''}`] : []),
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

function refuse(neighbor: NeighborConfig): void {
  if (neighbor.bfd !== undefined) throw new Lacks('no BFD');
  if (neighbor.extendedNextHop) throw new Lacks('no IPv6 next hops for IPv4 (RFC 8950)');
  if (neighbor.communities !== undefined) throw new Lacks('no extended messages (RFC 8654)');
  if (neighbor.gracefulRestart !== undefined)
    throw new Lacks('of graceful restart End-of-RIB only');
  if (neighbor.transport === 'linkLocal') throw new Lacks('no link-local neighbours');
}
