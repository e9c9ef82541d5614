import { established, learned, staysDown } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const ASN = 65001;
const IDENTIFIER = '192.0.2.1';

/** Both speakers have the same BGP identifier. */
async function twins(bench: Bench, peerAsn: number): Promise<readonly [Speaker, Speaker]> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): readonly NeighborConfig[] => [
    { host, asn, transport: 'ipv4', families: ['ipv4-unicast'] },
  ];
  const subject = bench.subject(here, {
    asn: ASN,
    routerId: IDENTIFIER,
    networks: ['10.1.0.0/24'],
    neighbors: to(there, peerAsn),
  });
  const peer = bench.peer(there, {
    asn: peerAsn,
    routerId: IDENTIFIER,
    networks: ['10.2.0.0/24'],
    neighbors: to(here, ASN),
  });
  await Promise.all([subject.start(), peer.start()]);
  return [subject, peer];
}

async function external(bench: Bench): Promise<void> {
  const [subject, peer] = await twins(bench, 65002);
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await learned(peer, ['10.1.0.0/24']);
}

async function internal(bench: Bench): Promise<void> {
  const [subject, peer] = await twins(bench, ASN);
  if (subject.product === 'bengal') {
    await eventually('the subject refuses the identifier', 10, async () => {
      const [session] = await subject.sessions();
      return session?.state.includes(`${IDENTIFIER} is our own`) ? undefined : session?.state;
    });
  }
  await staysDown(subject, peer.host, 3);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'same-identifier-ebgp',
    title: 'speakers of two ASes may have the same BGP identifier (RFC 6286)',
    hosts: ['subject', 'peer'],
    run: external,
  },
  {
    name: 'same-identifier-ibgp',
    title: 'speakers of one AS may not have the same BGP identifier (RFC 6286)',
    hosts: ['subject', 'peer'],
    run: internal,
  },
];
