import { established, learned, unused } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, quartet, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ASN = { subject: 65001, origin: 65002, outside: 65003 };
const NO_EXPORT = '65535:65281';
const NO_ADVERTISE = '65535:65282';
const NO_EXPORT_SUBCONFED = '65535:65283';
const NOPEER = '65535:65284';

const PLAIN = '10.2.0.0/24';
const MARKS = {
  communities: ['65002:1', '65002:65535'],
  largeCommunities: ['65002:1:2', '4200000001:0:4294967295'],
  routeTarget: '65002:100',
};

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/**
 * What an external neighbour marks with communities of every kind goes on, within the AS and out of
 * it, with all of them; well-known ones (RFC 1997) keep routes inside the AS, or from everybody.
 */
async function run(bench: Bench): Promise<void> {
  const [here, before, inside, outside] = quartet(bench);
  const subject = bench.subject(here, {
    asn: ASN.subject,
    neighbors: [to(before, ASN.origin), to(inside, ASN.subject), to(outside, ASN.outside)],
  });
  const origin = bench.peer(before, {
    asn: ASN.origin,
    announcements: [
      { prefix: '10.2.1.0/24', communities: [NO_EXPORT] },
      { prefix: '10.2.2.0/24', communities: [NO_ADVERTISE] },
      { prefix: '10.2.3.0/24', communities: [NO_EXPORT_SUBCONFED] },
      { prefix: PLAIN, ...MARKS },
    ],
    neighbors: [to(here, ASN.subject)],
  });
  const internal = bench.peer(inside, {
    asn: ASN.subject,
    announcements: [{ prefix: '10.3.1.0/24', communities: [NO_EXPORT] }],
    networks: ['10.3.0.0/24'],
    neighbors: [to(here, ASN.subject)],
  });
  const external = bench.peer(outside, { asn: ASN.outside, neighbors: [to(here, ASN.subject)] });
  const speakers = [subject, origin, internal, external];
  await Promise.all(speakers.map((each) => each.start()));
  await established(...speakers);
  await learned(subject, ['10.2.2.0/24'], { communities: [NO_ADVERTISE] });
  await learned(subject, ['10.3.1.0/24'], { communities: [NO_EXPORT] });
  await learned(subject, [PLAIN], MARKS);
  await learned(internal, [PLAIN], MARKS);
  await learned(internal, ['10.2.1.0/24'], { communities: [NO_EXPORT] });
  await learned(internal, ['10.2.3.0/24'], { communities: [NO_EXPORT_SUBCONFED] });
  await learned(external, [PLAIN], MARKS);
  await learned(external, ['10.3.0.0/24']);
  await Promise.all([
    unused(internal, ['10.2.2.0/24']),
    unused(external, ['10.2.1.0/24', '10.2.2.0/24', '10.2.3.0/24', '10.3.1.0/24']),
  ]);
}

/** A policy removes what its pattern names, and no well-known community by the way (RFC 8642). */
async function policy(bench: Bench): Promise<void> {
  const [here, before, outside] = trio(bench);
  if (bench.product !== 'bengal') throw new Error('only bengal is told what to remove');
  const subject = bench.subject(here, {
    asn: ASN.subject,
    neighbors: [
      to(before, ASN.origin),
      { ...to(outside, ASN.outside), removeCommunities: ['*:1', '*:*:2'] },
    ],
  });
  const origin = bench.peer(before, {
    asn: ASN.origin,
    announcements: [{ prefix: PLAIN, ...MARKS, communities: [...MARKS.communities, NOPEER] }],
    neighbors: [to(here, ASN.subject)],
  });
  const external = bench.peer(outside, { asn: ASN.outside, neighbors: [to(here, ASN.subject)] });
  await Promise.all([subject, origin, external].map((each) => each.start()));
  await established(subject, origin, external);
  await learned(external, [PLAIN], {
    communities: ['65002:65535', NOPEER],
    largeCommunities: ['4200000001:0:4294967295'],
    routeTarget: MARKS.routeTarget,
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'communities',
    title: 'communities of every kind go on as they came; well-known ones stop a route (RFC 1997)',
    hosts: ['subject', 'origin', 'inside', 'outside'],
    run,
  },
  {
    name: 'community-policy',
    title: 'a policy removes the communities that its pattern names, and no others (RFC 8642)',
    hosts: ['subject', 'origin', 'outside'],
    run: policy,
  },
];
