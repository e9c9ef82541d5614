import { established, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, type Scenario, trio } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

const AS_TRANS = 23456;
const SUBJECT = 4200000001;
const OLD = 65002;
const FAR = 4200000003;

/**
 * An "OLD" speaker of RFC 6793 stands between two with AS numbers of four octets. It knows both as
 * AS_TRANS; each must see the other's number, which only AS4_PATH can have carried.
 *
 * BIRD (`enable as4 off`) hides capability 65 alone. FRR can only hide all of them, multiprotocol
 * included, so that the session is one of plain RFC 4271.
 */
async function run(bench: Bench): Promise<void> {
  const [here, middle, far] = trio(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const old = (host: Host): NeighborConfig => ({ ...to(host, AS_TRANS), twoOctetAs: true });
  const edge = (networks: readonly string[], asn: number) => ({
    asn,
    networks,
    neighbors: [to(middle, OLD)],
  });
  const subject = bench.subject(here, edge(['10.1.0.0/24'], SUBJECT));
  const distant = bench.peer(far, edge(['10.3.0.0/24'], FAR));
  const between = bench.peer(middle, {
    asn: OLD,
    networks: ['10.2.0.0/24'],
    neighbors: [old(here), old(far)],
  });
  await Promise.all([subject, between, distant].map((speaker) => speaker.start()));
  await established(subject, between, distant);
  await learned(subject, ['10.2.0.0/24'], { asPath: `${OLD}` });
  await learned(subject, ['10.3.0.0/24'], { asPath: `${OLD} ${FAR}` });
  await learned(distant, ['10.1.0.0/24'], { asPath: `${OLD} ${SUBJECT}` });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'two-octet-as',
    title: 'AS_PATH and AS4_PATH through a speaker that knows two octets',
    hosts: ['subject', 'middle', 'far'],
    run,
  },
];
