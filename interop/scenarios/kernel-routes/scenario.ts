import { established, forgotten, learned, programmed, unprogrammed } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const PREFIXES = { subject: ['10.1.7.0/24', 'fd01:7::/64'], peer: ['10.2.7.0/24', 'fd02:7::/64'] };

/** A route that someone adds to one kernel arrives in the other kernel, and leaves it again. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): readonly NeighborConfig[] =>
    (['ipv4', 'ipv6'] as const).map((transport) => ({
      host,
      asn,
      transport,
      families: [`${transport}-unicast`],
    }));
  const subject = bench.subject(here, { asn: 65001, kernel: true, neighbors: to(there, 65002) });
  const peer = bench.peer(there, { asn: 65002, kernel: true, neighbors: to(here, 65001) });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await travels(subject, peer, PREFIXES.subject);
  await travels(peer, subject, PREFIXES.peer);
}

async function travels(from: Speaker, to: Speaker, prefixes: readonly string[]): Promise<void> {
  await from.host.run(['ip', 'link', 'add', 'pods', 'type', 'veth', 'peer', 'name', 'far']);
  for (const end of ['pods', 'far']) await from.host.run(['ip', 'link', 'set', end, 'up']);
  for (const prefix of prefixes) await from.host.run(['ip', 'route', 'add', prefix, 'dev', 'pods']);
  await learned(to, prefixes);
  await programmed(to.host, prefixes, from.host);
  for (const prefix of prefixes) await from.host.run(['ip', 'route', 'del', prefix, 'dev', 'pods']);
  await forgotten(to, prefixes);
  await unprogrammed(to.host, prefixes);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'kernel-routes',
    title: 'kernel route → BGP → kernel route, and back out, both ways and families',
    hosts: ['subject', 'peer'],
    run,
  },
];
