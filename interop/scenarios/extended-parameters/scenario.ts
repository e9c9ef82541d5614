import { established, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

/** FRR has many families, each in all of these capabilities, and BIRD a very long host name. */
const LONG = { longOpen: true, addPath: true, gracefulRestart: 60, longLived: 60 };

/** The peer's OPEN has the extended form; the capabilities in it are agreed upon as ever. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast', 'ipv6-unicast'],
  });
  const subject = bench.subject(here, {
    asn: 4200000001,
    networks: ['fd01:1::/64'],
    neighbors: [to(there, 4200000002)],
  });
  const peer = bench.peer(there, {
    asn: 4200000002,
    networks: ['fd02:1::/64'],
    neighbors: [{ ...to(here, 4200000001), ...LONG }],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(subject, ['fd02:1::/64'], { asPath: '4200000002' });
  await learned(peer, ['fd01:1::/64'], { asPath: '4200000001' });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'extended-parameters',
    title: 'an OPEN with extended optional parameters is understood (RFC 9072)',
    hosts: ['subject', 'peer'],
    run,
  },
];
