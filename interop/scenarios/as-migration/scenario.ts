import { established, learned, refused } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, SpeakerConfig } from '../../speaker.ts';

const ASN = { ours: 65001, theirs: 65002 };
/** The numbers of before, which the other side still has in its configuration. */
const FORMER = { ours: 65009, theirs: 65008 };

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/** Each side knows the other by its former number, and sees no other (RFC 7705 §3). */
async function localAs(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const subject = bench.subject(here, {
    asn: ASN.ours,
    networks: ['10.1.0.0/24'],
    neighbors: [{ ...to(there, FORMER.theirs), localAsn: FORMER.ours }],
  });
  const peer = bench.peer(there, {
    asn: ASN.theirs,
    networks: ['10.2.0.0/24'],
    neighbors: [{ ...to(here, FORMER.ours), localAsn: FORMER.theirs }],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await learned(peer, ['10.1.0.0/24'], { asPath: `${FORMER.ours}` });
  await learned(subject, ['10.2.0.0/24'], { asPath: `${FORMER.theirs}` });
}

/** A path with the subject's own number is a loop, until the configuration allows it (§4). */
async function allowOwnAs(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const ours = (allowed: Pick<NeighborConfig, 'allowOwnAs'>): SpeakerConfig => ({
    asn: ASN.ours,
    neighbors: [{ ...to(there, ASN.theirs), ...allowed }],
  });
  const subject = bench.subject(here, ours({}));
  const peer = bench.peer(there, {
    asn: ASN.theirs,
    announcements: [{ prefix: '10.2.0.0/24', path: [ASN.ours] }],
    neighbors: [to(here, ASN.ours)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await refused(subject, '10.2.0.0/24', 'own-as');
  await subject.reconfigure(ours({ allowOwnAs: 1 }));
  await learned(subject, ['10.2.0.0/24'], { asPath: `${ASN.theirs} ${ASN.ours}` });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'local-as',
    title: 'either side knows the other by an AS number of its own for it alone (RFC 7705)',
    hosts: ['subject', 'peer'],
    run: localAs,
  },
  {
    name: 'allow-own-as',
    title: 'a path with the own AS number is a loop unless it is allowed (RFC 7705)',
    hosts: ['subject', 'peer'],
    run: allowOwnAs,
  },
];
