import { established, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, quartet, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const ASN = 65001;
const PREFIX = '10.9.0.0/24';
/** In octets per second: 100 and 300 Mbit/s, exact as IEEE 754 single. */
const BANDWIDTH = { left: 12_500_000, right: 37_500_000 };

const to = (host: Host, more: Partial<NeighborConfig> = {}): NeighborConfig => ({
  host,
  asn: ASN,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
  ...more,
});

/**
 * Two neighbours announce a prefix with Link Bandwidth (draft-ietf-idr-link-bandwidth): the subject's
 * kernel shares packets out in that proportion, and the best path goes on with its bandwidth.
 */
async function run(bench: Bench): Promise<void> {
  const [here, left, right, below] = quartet(bench);
  const subject = bench.subject(here, {
    asn: ASN,
    clusterId: here.ipv4,
    kernel: true,
    neighbors: [left, right, below].map((host) => to(host, { reflectorClient: true })),
  });
  const announcer = (host: Host, linkBandwidth: number): Speaker =>
    bench.peer(host, {
      asn: ASN,
      announcements: [{ prefix: PREFIX, linkBandwidth }],
      neighbors: [to(here)],
    });
  const receiver = bench.peer(below, { asn: ASN, neighbors: [to(here)] });
  const announcers = [announcer(left, BANDWIDTH.left), announcer(right, BANDWIDTH.right)];
  await Promise.all([subject, receiver, ...announcers].map((each) => each.start()));
  await established(subject, receiver, ...announcers);
  await eventually(`FIB of ${here.name}`, 20, async () => {
    const weights = await weightsIn(here);
    const [one, three] = [weights.get(left.ipv4), weights.get(right.ipv4)];
    if (one !== undefined && three !== undefined && Math.round(three / one) === 3) return undefined;
    return `weights for ${PREFIX}: ${[...weights].join(' ') || 'none'}`;
  });
  await learned(receiver, [PREFIX], { linkBandwidth: BANDWIDTH.left });
}

interface IpRoute {
  readonly nexthops?: readonly { readonly gateway: string; readonly weight: number }[];
}

async function weightsIn(host: Host): Promise<ReadonlyMap<string, number>> {
  const text = await host.run(['ip', '-j', 'route', 'show', PREFIX]);
  const [route] = JSON.parse(text || '[]') as readonly IpRoute[];
  return new Map(route?.nexthops?.map(({ gateway, weight }) => [gateway, weight]));
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'link-bandwidth',
    title: 'a kernel multipath route has weights in proportion to Link Bandwidth, which goes on',
    hosts: ['subject', 'left', 'right', 'below'],
    run,
  },
];
