import { established, learned, unused } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import { askBengal, socketOf } from '../../products/bengal.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, quartet, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const CONFEDERATION = 65000;
const ASN = { own: 65101, other: 65102, outside: 65003 };
const CONTESTED = '10.5.0.0/24';

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/**
 * The subject is an internal speaker of a member of a confederation: segments of RFC 5065 arrive,
 * count nothing in the decision, and stay inside.
 */
async function inside(bench: Bench): Promise<void> {
  const [here, middle, member, outside] = quartet(bench);
  const subject = bench.subject(here, {
    asn: ASN.own,
    neighbors: [to(middle, ASN.own), { ...to(outside, ASN.outside), localAsn: CONFEDERATION }],
  });
  const speakers: readonly [Speaker, Speaker, Speaker] = [
    bench.peer(middle, {
      asn: ASN.own,
      confederation: { identifier: CONFEDERATION, members: [ASN.other] },
      neighbors: [to(here, ASN.own), to(member, ASN.other)],
    }),
    bench.peer(member, {
      asn: ASN.other,
      confederation: { identifier: CONFEDERATION, members: [ASN.own] },
      networks: ['10.2.0.0/24', CONTESTED],
      neighbors: [to(middle, ASN.own)],
    }),
    bench.peer(outside, {
      asn: ASN.outside,
      networks: ['10.3.0.0/24', CONTESTED],
      neighbors: [to(here, CONFEDERATION)],
    }),
  ];
  await Promise.all([subject, ...speakers].map((each) => each.start()));
  await established(subject, ...speakers);
  await learned(subject, ['10.2.0.0/24'], { asPath: `(${ASN.other})` });
  await learned(speakers[2], ['10.2.0.0/24'], { asPath: `${CONFEDERATION}` });
  await learned(speakers[1], ['10.3.0.0/24'], { asPath: `(${ASN.own}) ${ASN.outside}` });
  // The other path is one AS long, and external.
  await learned(subject, [CONTESTED], { asPath: `(${ASN.other})` });
}

/** Such segments from another AS withdraw the route and leave the session (RFC 5065 §5, RFC 7606). */
async function misplaced(bench: Bench): Promise<void> {
  const [here, there] = pair(bench);
  const subject = bench.subject(here, { asn: ASN.own, neighbors: [to(there, ASN.other)] });
  const peer = bench.peer(there, {
    asn: ASN.other,
    confederation: { identifier: CONFEDERATION, members: [ASN.own] },
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, ASN.own)],
  });
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  if (subject.product === 'bengal') await repaired(here);
  await unused(subject, ['10.2.0.0/24']);
  await established(subject, peer);
}

interface Repaired {
  readonly malformed: { readonly withdraw?: number };
  readonly flaps: number;
}

const repaired = (host: Host): Promise<void> =>
  eventually('the subject withdraws a route', 10, async () => {
    const [row] = await askBengal<Repaired>(host, socketOf(host), 'peers');
    if (row?.flaps !== 0) return `the session was lost ${row?.flaps} times`;
    return row.malformed.withdraw === 1 ? undefined : JSON.stringify(row.malformed);
  });

export const scenarios: readonly Scenario[] = [
  {
    name: 'confederation-inside',
    title: 'a confederation’s segments count nothing and stay inside (RFC 5065)',
    hosts: ['subject', 'middle', 'member', 'outside'],
    run: inside,
  },
  {
    name: 'confederation-misplaced',
    title: 'a confederation’s segments from another AS withdraw the route (RFC 5065, RFC 7606)',
    hosts: ['subject', 'peer'],
    run: misplaced,
  },
];
