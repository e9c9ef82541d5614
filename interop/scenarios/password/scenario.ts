import { down, established, learned, staysDown } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker, SpeakerConfig } from '../../speaker.ts';

type Transport = NeighborConfig['transport'];

/**
 * Wrong passwords keep the session down, in silence; the right one brings it up; a change on one
 * side ends it, and the same change on the other brings it back. All without a restart.
 */
async function run(bench: Bench, passive: 'subject' | 'peer', transport: Transport): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number, password: string, listens: boolean): NeighborConfig => ({
    host,
    asn,
    transport,
    families: ['ipv4-unicast'],
    password,
    passive: listens,
  });
  const own = (password: string): SpeakerConfig => ({
    asn: 65001,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, 65002, password, passive === 'subject')],
  });
  const others = (password: string): SpeakerConfig => ({
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, 65001, password, passive === 'peer')],
  });
  const subject = bench.subject(here, own('first'));
  const peer = bench.peer(there, others('wrong'));
  await Promise.all([subject.start(), peer.start()]);
  await staysDown(subject, there, 4);
  await saysWhy(subject);
  await peer.reconfigure(others('first'));
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await learned(peer, ['10.1.0.0/24']);
  await subject.reconfigure(own('second'));
  await down(subject, there, 10);
  await staysDown(subject, there, 3);
  await peer.reconfigure(others('second'));
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await learned(peer, ['10.1.0.0/24']);
}

async function saysWhy(speaker: Speaker): Promise<void> {
  if (speaker.product !== 'bengal') return;
  await eventually('bengal names the password as a cause', 5, async () => {
    const states = (await speaker.sessions()).map(({ state }) => state).join(', ');
    return states.includes('password') ? undefined : states;
  });
}

export const scenarios: readonly Scenario[] = (['ipv4', 'ipv6'] as const).flatMap((transport) => [
  {
    name: `password-active-${transport}`,
    title: `TCP-MD5 over ${transport}, the subject dials: wrong, right, changed live`,
    hosts: ['subject', 'peer'],
    run: (bench: Bench) => run(bench, 'peer', transport),
  },
  {
    name: `password-passive-${transport}`,
    title: `TCP-MD5 over ${transport}, the subject listens: wrong, right, changed live`,
    hosts: ['subject', 'peer'],
    run: (bench: Bench) => run(bench, 'subject', transport),
  },
]);
