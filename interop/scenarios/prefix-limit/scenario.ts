import { established, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const NETWORKS = ['10.2.0.0/24', '10.2.1.0/24', '10.2.2.0/24', '10.2.3.0/24'];
const LIMIT = 2;

/** The subject takes no more than its limit; when that goes, it asks for the rest by itself. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    // FRR 8.4 answers no refresh before its End-of-RIB, which it sends with graceful restart only.
    gracefulRestart: 60,
  });
  const limited = { asn: 65001, neighbors: [{ ...to(there, 65002), prefixLimit: LIMIT }] };
  const subject = bench.subject(here, limited);
  const peer = bench.peer(there, {
    asn: 65002,
    networks: NETWORKS,
    neighbors: [to(here, 65001)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await eventually('subject stops at its limit', 10, async () => {
    const { length } = await subject.routes('ipv4-unicast');
    return length === LIMIT ? undefined : `it has ${length} routes`;
  });
  await subject.reconfigure({ asn: 65001, neighbors: [to(there, 65002)] });
  await learned(subject, NETWORKS);
  await established(subject, peer);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'prefix-limit',
    title: 'what a prefix limit refused comes by route refresh when the limit goes',
    hosts: ['subject', 'peer'],
    run,
  },
];
