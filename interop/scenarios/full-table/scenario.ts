import { established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ROUTES = 50_000;

/**
 * Every prefix of a large table, compared one by one with what the other side's show command says.
 *
 * They share their attributes and so travel in some 100 messages: FRR stops reading a peer whose
 * burst exceeds 10,000 messages until that peer sends something more.
 */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const networks = { subject: table(20), peer: table(30) };
  const subject = bench.subject(here, {
    asn: 65001,
    networks: networks.subject,
    neighbors: [to(there, 65002)],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: networks.peer,
    neighbors: [to(here, 65001)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  const fromPeer = { nextHop: there.ipv4, asPath: '65002' };
  const fromSubject = { nextHop: here.ipv4, asPath: '65001' };
  await learned(subject, networks.peer, fromPeer, 40);
  await learned(peer, networks.subject, fromSubject, 40);
  await peer.kill();
  await forgotten(subject, networks.peer);
}

/** Prefixes of /24 to /32 in `first`.0.0.0 and the blocks of 16,384 above it. */
function table(first: number): readonly string[] {
  return Array.from({ length: ROUTES }, (_, index) => {
    const [a, b, c] = [first + (index >> 14), (index >> 6) & 255, (index & 63) * 4];
    return `${a}.${b}.${c}.0/${24 + (index % 9)}`;
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'table-50k',
    title: '50,000 routes each way, compared prefix by prefix',
    // The others take their routes one by one, or too slowly to wait for.
    peers: ['bird', 'frr'],
    hosts: ['subject', 'peer'],
    run,
  },
];
