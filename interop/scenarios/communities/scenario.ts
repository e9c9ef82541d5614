import { established, learned, unused } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, quartet, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ASN = { subject: 65001, origin: 65002, outside: 65003 };
const NO_EXPORT = '65535:65281';
const NO_ADVERTISE = '65535:65282';
const NO_EXPORT_SUBCONFED = '65535:65283';

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

export const scenarios: readonly Scenario[] = [
  {
    name: 'communities',
    title: 'communities of every kind go on as they came; well-known ones stop a route (RFC 1997)',
    hosts: ['subject', 'origin', 'inside', 'outside'],
    run,
  },
];
