import { down, established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const HOLD_TIME = 3;

/** The peer stops in its tracks: its kernel keeps TCP alive, and only the hold timer can tell. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    holdTime: HOLD_TIME,
  });
  const subject = bench.subject(here, { asn: 65001, neighbors: [to(there, 65002)] });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, 65001)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await peer.freeze();
  await down(subject, there, HOLD_TIME + 3);
  await forgotten(subject, ['10.2.0.0/24'], 2);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'hold-time',
    title: 'a peer that falls silent is given up after the hold time, with its routes',
    hosts: ['subject', 'peer'],
    run,
  },
];
