import { down, established, learned, programmed } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const NETWORK = '10.9.0.0/24';

/**
 * Two speakers announce one network to the peer; one is drained, and the peer turns to the other, and
 * back when that is taken back.
 */
async function run(bench: Bench): Promise<void> {
  const [here, there, third] = trio(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const toPeer = [to(there, 65002)];
  const subject = bench.subject(here, { asn: 65001, networks: [NETWORK], neighbors: toPeer });
  const other = bench.subject(third, {
    asn: 65001,
    networks: [NETWORK],
    neighbors: [{ ...to(there, 65002), prepend: 65001 }],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    kernel: true,
    gracefulShutdown: true,
    neighbors: [to(here, 65001), to(third, 65001)],
  });
  await Promise.all([subject.start(), other.start(), peer.start()]);
  await established(subject, other, peer);
  await learned(peer, [NETWORK], { nextHop: here.ipv4 });
  const takenBack = Promise.allSettled([subject.drain?.(60)]);
  await learned(peer, [NETWORK], { nextHop: third.ipv4 });
  await subject.cancelDrain?.();
  await learned(peer, [NETWORK], { nextHop: here.ipv4 });
  await takenBack;
  const drained = subject.drain?.(8);
  await learned(peer, [NETWORK], { nextHop: third.ipv4 });
  await eventually('the session stays while peers look for other ways', 1, async () => {
    const [session] = await subject.sessions();
    return session?.established ? undefined : `it is ${session?.state}`;
  });
  await drained;
  await down(peer, here, 10);
  await learned(peer, [NETWORK], { nextHop: third.ipv4 });
  await programmed(there, [NETWORK], third);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'drain',
    title: 'a drained subject is avoided before its session ends (RFC 8326)',
    hosts: ['subject', 'peer', 'other'],
    run,
  },
];
