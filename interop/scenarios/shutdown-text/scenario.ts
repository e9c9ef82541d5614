import { established, shows } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

/** Of characters with one, two, three and four octets. */
const TEXTS = {
  clear: 'Wartung für №7, zurück um 12 Uhr 🛠',
  drain: 'Umzug nach 東京, ohne Wiederkehr',
};

interface Parties {
  readonly subject: Speaker;
  readonly peer: Speaker;
  readonly toPeer: NeighborConfig;
  readonly toSubject: NeighborConfig;
}

async function start(bench: Bench, shutdownText: boolean): Promise<Parties> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const toPeer = to(there, 65002);
  const toSubject = { ...to(here, 65001), shutdownText };
  const subject = bench.subject(here, { asn: 65001, neighbors: [toPeer] });
  const peer = bench.peer(there, { asn: 65002, neighbors: [toSubject] });
  await subject.start();
  await peer.start();
  await established(subject, peer);
  return { subject, peer, toPeer, toSubject };
}

/** The peer shows why the subject ended the session, by an Administrative Reset and a Shutdown. */
async function told(bench: Bench): Promise<void> {
  const { subject, peer, toPeer, toSubject } = await start(bench, true);
  await subject.reset(toPeer, TEXTS.clear);
  await shows(peer, toSubject, TEXTS.clear);
  await established(subject, peer);
  await subject.drain?.(0, TEXTS.drain);
  await shows(peer, toSubject, TEXTS.drain);
}

/** The subject shows why the peer did. */
async function heard(bench: Bench): Promise<void> {
  const { subject, peer, toPeer, toSubject } = await start(bench, false);
  await peer.reset(toSubject, TEXTS.clear);
  await shows(subject, toPeer, TEXTS.clear);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'shutdown-text-out',
    title: 'the peer shows the words with which the subject ends a session (RFC 9003)',
    hosts: ['subject', 'peer'],
    run: told,
  },
  {
    name: 'shutdown-text-in',
    title: 'the subject shows the words with which the peer ends a session (RFC 9003)',
    hosts: ['subject', 'peer'],
    run: heard,
  },
];
