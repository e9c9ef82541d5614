import { established, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

/** Their attribute alone is longer than 4,096 octets. */
const COMMUNITIES = 1500;

/** A route whose attributes fit only an extended message (RFC 8654) arrives. */
async function run(bench: Bench, from: 'subject' | 'peer'): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, sends: boolean): NeighborConfig => ({
    host,
    asn: 65001,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    communities: sends ? COMMUNITIES : 0,
  });
  const subject = bench.subject(here, {
    asn: 65001,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, from === 'subject')],
  });
  const peer = bench.peer(there, {
    asn: 65001,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, from === 'peer')],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(peer, ['10.1.0.0/24']);
  await learned(subject, ['10.2.0.0/24']);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'extended-message-out',
    title: 'a route of 1,500 communities goes out in an extended message (RFC 8654)',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'subject'),
  },
  {
    name: 'extended-message-in',
    title: 'a route of 1,500 communities comes in an extended message (RFC 8654)',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'peer'),
  },
];
