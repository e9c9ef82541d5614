import { established, shows } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const NAMES = { subject: 'rack7.reflector', peer: 'rack7.tor' };

/** Each side shows the host name that the other has told it in the OPEN (capability 73). */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const [toPeer, toSubject] = [to(there, 65002), to(here, 65001)];
  const subject = bench.subject(here, {
    asn: 65001,
    hostName: NAMES.subject,
    neighbors: [toPeer],
  });
  const peer = bench.peer(there, { asn: 65002, hostName: NAMES.peer, neighbors: [toSubject] });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await shows(subject, toPeer, NAMES.peer);
  await shows(peer, toSubject, NAMES.subject);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'host-name',
    title: 'each side shows the host name of the other',
    hosts: ['subject', 'peer'],
    run,
  },
];
