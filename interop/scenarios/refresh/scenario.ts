import { established, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const NETWORKS = {
  subject: ['10.1.0.0/24', 'fd00:1::/64'],
  peer: ['10.2.0.0/24', 'fd00:2::/64'],
};

/** BoRR and EoRR of two families. */
const BOUNDS = 4;

/** Each side asks the other for its routes once more, and is answered between BoRR and EoRR. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    enhancedRefresh: true,
    families: ['ipv4-unicast', 'ipv6-unicast'],
    gracefulRestart: 60,
  });
  const [toPeer, toSubject] = [to(there, 65002), to(here, 65001)];
  const subject = bench.subject(here, {
    asn: 65001,
    networks: NETWORKS.subject,
    neighbors: [toPeer],
  });
  const peer = bench.peer(there, { asn: 65002, networks: NETWORKS.peer, neighbors: [toSubject] });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await exchanged(subject, peer);
  await subject.refresh(toPeer, 'in');
  await bounded(subject, toPeer, 'received');
  await peer.refresh(toSubject, 'in');
  await bounded(subject, toPeer, 'sent');
  await bounded(peer, toSubject, 'received');
  await subject.refresh(toPeer, 'out');
  await exchanged(subject, peer);
  await established(subject, peer);
}

async function exchanged(subject: Speaker, peer: Speaker): Promise<void> {
  await learned(peer, NETWORKS.subject);
  await learned(subject, NETWORKS.peer);
}

async function bounded(
  speaker: Speaker,
  neighbor: NeighborConfig,
  direction: 'sent' | 'received',
): Promise<void> {
  await eventually(`${speaker.product} has ${direction} BoRR and EoRR`, 15, async () => {
    const count = (await speaker.refreshes(neighbor))?.[direction] ?? BOUNDS;
    return count >= BOUNDS ? undefined : `${count} ROUTE-REFRESH messages ${direction}`;
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'refresh',
    title: 'route refresh both ways, between BoRR and EoRR (RFC 7313)',
    hosts: ['subject', 'peer'],
    run,
  },
];
