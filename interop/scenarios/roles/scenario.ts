import { established, learned, missingRoutes, staysDown } from '../../checks.ts';
import { now } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

type Role = NonNullable<NeighborConfig['role']>;

const to = (host: Host, asn: number, role: Role): NeighborConfig => ({
  host,
  asn,
  role,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/** A route from a provider is marked, and goes on to customers but not to a peer (RFC 9234 §5). */
async function heldBack(bench: Bench, below: Role): Promise<void> {
  const [here, above, beside] = trio(bench);
  const counterpart: Role = below === 'customer' ? 'provider' : 'peer';
  const speakers = [
    bench.subject(here, {
      asn: 65001,
      networks: ['10.1.0.0/24'],
      neighbors: [to(above, 65002, 'customer'), to(beside, 65003, counterpart)],
    }),
    bench.peer(above, {
      asn: 65002,
      networks: ['10.2.0.0/24'],
      neighbors: [to(here, 65001, 'provider')],
    }),
    bench.peer(beside, { asn: 65003, neighbors: [to(here, 65001, below)] }),
  ] as const;
  await Promise.all(speakers.map((each) => each.start()));
  await established(...speakers);
  await learned(speakers[0], ['10.2.0.0/24']);
  await learned(speakers[2], ['10.1.0.0/24']);
  if (below === 'customer') {
    await learned(speakers[2], ['10.2.0.0/24']);
    return;
  }
  await now("a provider's route is kept from the peer", async () => {
    const missing = await missingRoutes(speakers[2], ['10.2.0.0/24']);
    return missing === undefined ? 'the peer has it' : undefined;
  });
}

/** Two providers refuse each other: Role Mismatch. */
async function mismatch(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const subject = bench.subject(here, { asn: 65001, neighbors: [to(there, 65002, 'provider')] });
  const peer = bench.peer(there, { asn: 65002, neighbors: [to(here, 65001, 'provider')] });
  await Promise.all([subject.start(), peer.start()]);
  await staysDown(subject, there, 4);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'role-peer',
    title: "a provider's route is kept from a peer (RFC 9234)",
    hosts: ['subject', 'provider', 'peer'],
    run: (bench) => heldBack(bench, 'peer'),
  },
  {
    name: 'role-customer',
    title: "a provider's route goes on to a customer (RFC 9234)",
    hosts: ['subject', 'provider', 'customer'],
    run: (bench) => heldBack(bench, 'customer'),
  },
  {
    name: 'role-mismatch',
    title: 'two providers have no session (RFC 9234)',
    hosts: ['subject', 'peer'],
    run: mismatch,
  },
];
