import { established, learned, staysDown } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

interface Variant {
  readonly passive: 'subject' | 'peer';
  readonly transport: NeighborConfig['transport'];
  /** Who asks for TTL security. */
  readonly secure: readonly ('subject' | 'peer')[];
}

/** With TTL security on both sides the session comes up; with it on one, TTL 1 of the other is too low. */
async function run(bench: Bench, { passive, transport, secure }: Variant): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number, me: 'subject' | 'peer'): NeighborConfig => ({
    host,
    asn,
    transport,
    families: ['ipv4-unicast'],
    passive: passive === me,
    ...(secure.includes(me) ? { ttlSecurity: 1 } : {}),
  });
  const subject = bench.subject(here, {
    asn: 65001,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, 65002, 'subject')],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, 65001, 'peer')],
  });
  await Promise.all([subject.start(), peer.start()]);
  if (secure.length < 2) {
    await staysDown(subject, there, 6);
    return;
  }
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await learned(peer, ['10.1.0.0/24']);
}

const BOTH = ['subject', 'peer'] as const;

export const scenarios: readonly Scenario[] = [
  ...(['ipv4', 'ipv6'] as const).flatMap((transport) => [
    {
      name: `ttl-security-active-${transport}`,
      title: `TTL security over ${transport}, the subject dials`,
      hosts: ['subject', 'peer'],
      run: (bench: Bench) => run(bench, { passive: 'peer', transport, secure: BOTH }),
    },
    {
      name: `ttl-security-passive-${transport}`,
      title: `TTL security over ${transport}, the subject listens`,
      hosts: ['subject', 'peer'],
      run: (bench: Bench) => run(bench, { passive: 'subject', transport, secure: BOTH }),
    },
  ]),
  ...(['subject', 'peer'] as const).map((passive) => ({
    name: `ttl-security-alone-${passive === 'subject' ? 'passive' : 'active'}`,
    title: 'a peer without TTL security does not get through to one with it',
    hosts: ['subject', 'peer'],
    run: (bench: Bench) => run(bench, { passive, transport: 'ipv4', secure: ['subject'] }),
  })),
];
