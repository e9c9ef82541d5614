import { established, shows } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, SpeakerConfig } from '../../speaker.ts';

type Told = Pick<SpeakerConfig, 'hostName' | 'softwareVersion'>;

interface Case {
  /** What each side tells in its OPEN. */
  readonly tells: { readonly subject: Told; readonly peer: Told };
  /** What the other must show of that. */
  readonly shown: { readonly subject: string; readonly peer: string };
}

const HOST_NAMES: Case = {
  tells: {
    // Whoever does not know a capability must not stumble over it.
    subject: { hostName: 'rack7.reflector', softwareVersion: true },
    peer: { hostName: 'rack7.tor' },
  },
  shown: { subject: 'rack7.reflector', peer: 'rack7.tor' },
};

const VERSIONS: Case = {
  tells: { subject: { softwareVersion: true }, peer: { softwareVersion: true } },
  shown: { subject: 'received software version (bengal/', peer: 'peer yes (version FRRouting/' },
};

/** Each side shows what the other has told it of itself. */
async function run(bench: Bench, { tells, shown }: Case): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const [toPeer, toSubject] = [to(there, 65002), to(here, 65001)];
  const subject = bench.subject(here, { asn: 65001, ...tells.subject, neighbors: [toPeer] });
  const peer = bench.peer(there, { asn: 65002, ...tells.peer, neighbors: [toSubject] });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await shows(subject, toPeer, shown.peer);
  await shows(peer, toSubject, shown.subject);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'host-name',
    title: 'each side shows the host name of the other',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, HOST_NAMES),
  },
  {
    name: 'software-version',
    title: 'each side shows the software version of the other',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, VERSIONS),
  },
];
