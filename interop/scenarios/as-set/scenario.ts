import { established, learned, refused, unused } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const ASN = { ours: 65001, theirs: 65002 };
const SET = [65011, 65012];
const EXTERNAL = '10.2.0.0/24';
const INTERNAL = '10.3.0.0/24';

const to = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

/**
 * RFC 9774: an AS_SET from another AS is refused, until the configuration takes it; one from the own
 * AS is taken. Either goes on whole.
 */
async function run(bench: Bench): Promise<void> {
  const [here, outside, inside] = trio(bench);
  const takes = (asSet: Pick<NeighborConfig, 'asSet'>) => ({
    asn: ASN.ours,
    neighbors: [{ ...to(outside, ASN.theirs), ...asSet }, to(inside, ASN.ours)],
  });
  const subject = bench.subject(here, takes({}));
  const external = bench.peer(outside, {
    asn: ASN.theirs,
    announcements: [{ prefix: EXTERNAL, asSet: SET }],
    neighbors: [to(here, ASN.ours)],
  });
  const internal = bench.peer(inside, {
    asn: ASN.ours,
    announcements: [{ prefix: INTERNAL, asSet: SET }],
    neighbors: [to(here, ASN.ours)],
  });
  await Promise.all([subject, external, internal].map((each) => each.start()));
  await established(subject, external, internal);
  await learned(subject, [INTERNAL], { asPath: '{65011 65012}' });
  await learned(external, [INTERNAL], { asPath: '65001 {65011 65012}' });
  await refused(subject, EXTERNAL, 'as-set');
  await unused(internal, [EXTERNAL], 1);
  await subject.reconfigure(takes({ asSet: 'accept' }));
  await learned(subject, [EXTERNAL], { asPath: '65002 {65011 65012}' });
  await learned(internal, [EXTERNAL], { asPath: '65002 {65011 65012}' });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'as-set',
    title: 'an AS_SET from another AS is refused, one from the own AS goes on whole (RFC 9774)',
    hosts: ['subject', 'outside', 'inside'],
    run,
  },
];
