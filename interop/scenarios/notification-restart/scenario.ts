import { established, learned, programmed } from '../../checks.ts';
import { eventually, Missing } from '../../eventually.ts';
import { FibWatch } from '../../fib-watch.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const NETWORKS = { subject: ['10.1.0.0/24'], peer: ['10.2.0.0/24'] };

/** Each side resets the session by a Cease: both kernels forward all the while (RFC 8538). */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    gracefulRestart: 60,
    notificationRestart: true,
  });
  const [toPeer, toSubject] = [to(there, 65002), to(here, 65001)];
  const config = (asn: number, networks: readonly string[], neighbor: NeighborConfig) => ({
    asn,
    kernel: true,
    networks,
    neighbors: [neighbor],
  });
  const subject = bench.subject(here, config(65001, NETWORKS.subject, toPeer));
  const peer = bench.peer(there, config(65002, NETWORKS.peer, toSubject));
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await programmed(here, NETWORKS.peer, there);
  await programmed(there, NETWORKS.subject, here);
  const ours = new FibWatch(here, 'fib-subject');
  const theirs = new FibWatch(there, 'fib-peer');
  await reset(subject, toPeer);
  await established(subject, peer);
  await learned(peer, NETWORKS.subject);
  stayed(theirs, NETWORKS.subject, there);
  // FRR 8.4 drops the routes of a peer that it resets itself.
  await reset(peer, toSubject);
  await established(subject, peer);
  await learned(subject, NETWORKS.peer);
  stayed(ours, NETWORKS.peer, here);
}

function stayed(watch: FibWatch, prefixes: readonly string[], host: Host): void {
  const removed = watch.removed(prefixes);
  if (removed.length > 0) throw new Missing(`FIB of ${host.name} lost ${removed.join(', ')}`);
}

async function reset(speaker: Speaker, neighbor: NeighborConfig): Promise<void> {
  const before = await dropsOf(speaker);
  await speaker.reset(neighbor);
  await eventually(`${speaker.product} resets the session`, 10, async () =>
    (await dropsOf(speaker)) > before ? undefined : 'it has not gone down',
  );
}

async function dropsOf(speaker: Speaker): Promise<number> {
  const [session] = await speaker.sessions();
  return session?.drops ?? 0;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'notification-restart',
    title: 'either side resets by NOTIFICATION: the other loses no route (RFC 8538)',
    hosts: ['subject', 'peer'],
    run,
  },
];
