import { established, learned, unused } from '../../checks.ts';
import { now } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, SpeakerConfig, Witness } from '../../speaker.ts';

const ASN = { ours: 65001, theirs: 65002 };
const OURS = '10.1.0.0/24';
const THEIRS = '10.2.0.0/24';

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/** Without a policy nothing passes a session with another AS; with one all does, on the same session. */
async function run(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const ours = (policy: Pick<NeighborConfig, 'policy'>): SpeakerConfig => ({
    asn: ASN.ours,
    networks: [OURS],
    neighbors: [{ ...to(there, ASN.theirs), ...policy }],
  });
  const subject = bench.subject(here, ours({ policy: 'none' }));
  const peer = bench.peer(there, {
    asn: ASN.theirs,
    networks: [THEIRS],
    neighbors: [to(here, ASN.ours)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  const before = await drops(subject, peer);
  await Promise.all([unused(subject, [THEIRS]), unused(peer, [OURS])]);
  await subject.reconfigure(ours({}));
  await learned(subject, [THEIRS]);
  await learned(peer, [OURS]);
  await now('the session stays', async () => {
    const after = await drops(subject, peer);
    return after === before ? undefined : `it went down: ${before}, then ${after}`;
  });
}

/** How often sessions went down, as each says that tells. */
async function drops(...speakers: readonly Witness[]): Promise<string> {
  const sessions = await Promise.all(speakers.map((each) => each.sessions()));
  return sessions
    .flat()
    .map((session) => session.drops ?? 'untold')
    .join(', ');
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'default-policy',
    title: 'nothing passes eBGP without a policy, all with one, without a reset (RFC 8212)',
    hosts: ['subject', 'peer'],
    run,
  },
];
