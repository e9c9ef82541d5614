import { established, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import { isIpv6, type NeighborConfig, type Speaker } from '../../speaker.ts';

const NETWORKS = {
  subject: ['10.1.8.0/24', 'fd01:8::/64'],
  peer: ['10.2.8.0/24', 'fd02:8::/64'],
};

/**
 * Both families on one IPv6 session without a word of IPv4: IPv4 routes have IPv6 next hops (RFC
 * 8950), and go into the FIB so.
 */
async function run(bench: Bench, transport: 'ipv6' | 'linkLocal'): Promise<void> {
  const [here, there] = pair(bench);
  for (const host of bench.hosts) await host.run(['ip', '-4', 'addr', 'flush', 'dev', 'eth0']);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport,
    families: ['ipv4-unicast', 'ipv6-unicast'],
    extendedNextHop: true,
  });
  const subject = bench.subject(here, {
    asn: 65001,
    kernel: true,
    networks: NETWORKS.subject,
    neighbors: [to(there, 65002)],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    kernel: true,
    networks: NETWORKS.peer,
    neighbors: [to(here, 65001)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await arrives(peer, subject, NETWORKS.peer);
  await arrives(subject, peer, NETWORKS.subject);
}

/** In the table and in the FIB of the receiver, through an IPv6 address of the sender. */
async function arrives(from: Speaker, to: Speaker, prefixes: readonly string[]): Promise<void> {
  await learned(to, prefixes);
  const { ipv6, linkLocal } = from.host;
  for (const prefix of prefixes) {
    await eventually(`FIB of ${to.host.name}`, 20, async () => {
      const family = isIpv6(prefix) ? '-6' : '-4';
      const text = await to.host.run(['ip', family, 'route', 'show', prefix]);
      const through = [ipv6, linkLocal].some((gateway) => text.includes(`${gateway} dev eth0`));
      return through ? undefined : `${prefix} is not through ${from.host.name}: ${text.trim()}`;
    });
  }
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'ipv6-next-hop',
    title: 'IPv4 routes over an IPv6 session, with IPv6 next hops down to the FIB (RFC 8950)',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'ipv6'),
  },
  {
    name: 'link-local',
    title: 'a session between link-local addresses carries both families into the FIB',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'linkLocal'),
  },
];
