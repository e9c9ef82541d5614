import { established, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig, SpeakerConfig } from '../../speaker.ts';

/** RFC 6793. */
const AS_TRANS = 23456;
const NEAR = { asn: 65001, behind: 4200000001 };
const OLD = 65002;
const FAR = { asn: 65003, behind: 4200000003 };

/**
 * An "OLD" speaker of RFC 6793 stands between two that announce paths with a four-octet AS number.
 * Each must see the other's, which only AS4_PATH can have carried.
 *
 * BIRD (`enable as4 off`) hides capability 65 alone and merges AS4_PATH as it should; it takes no
 * neighbour with a number of four octets then. FRR can only hide all capabilities, multiprotocol
 * included, so that the session is one of plain RFC 4271; and as it saw our capability 65 it drops
 * our AS4_PATH, so that only AS_TRANS comes through.
 */
async function run(bench: Bench): Promise<void> {
  const [here, middle, far] = trio(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const edge = ({ asn, behind }: typeof NEAR, networks: readonly string[]): SpeakerConfig => ({
    asn,
    networks,
    neighbors: [{ ...to(middle, OLD), prepend: behind }],
  });
  const subject = bench.subject(here, edge(NEAR, ['10.1.0.0/24']));
  const distant = bench.peer(far, edge(FAR, ['10.3.0.0/24']));
  const between = bench.peer(middle, {
    asn: OLD,
    networks: ['10.2.0.0/24'],
    neighbors: [
      { ...to(here, NEAR.asn), twoOctetAs: true },
      { ...to(far, FAR.asn), twoOctetAs: true },
    ],
  });
  await Promise.all([subject, between, distant].map((speaker) => speaker.start()));
  await established(subject, between, distant);
  const carried = (asn: number): number => (between.product === 'frr' ? AS_TRANS : asn);
  const path = (of: typeof NEAR): string => `${OLD} ${of.asn} ${carried(of.behind)}`;
  await learned(subject, ['10.2.0.0/24'], { asPath: `${OLD}` });
  await learned(subject, ['10.3.0.0/24'], { asPath: path(FAR) });
  await learned(distant, ['10.1.0.0/24'], { asPath: path(NEAR) });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'two-octet-as',
    title: 'AS_PATH and AS4_PATH through a speaker that knows two octets',
    hosts: ['subject', 'middle', 'far'],
    run,
  },
];
