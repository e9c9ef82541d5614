import { down, established, forgotten, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker } from '../../speaker.ts';

const NETWORK = { subject: '10.1.0.0/24', peer: '10.2.0.0/24' };

/** Far shorter than the hold time, which is 90 s: nothing but BFD can tell so soon. */
const SOON = 8;

type Way = Pick<NeighborConfig, 'transport'> & Required<Pick<NeighborConfig, 'bfd'>>;

interface Party {
  readonly speaker: Speaker;
  readonly neighbor: NeighborConfig;
}

async function upTogether(bench: Bench, way: Way): Promise<readonly [Party, Party]> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    families: ['ipv4-unicast'],
    ...way,
  });
  const [toPeer, toSubject] = [to(there, 65002), to(here, 65001)];
  const own = { networks: [NETWORK.subject], neighbors: [toPeer] };
  const subject = bench.subject(here, { asn: 65001, ...own });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: [NETWORK.peer],
    neighbors: [toSubject],
  });
  await Promise.all([subject.start(), peer.start()]);
  const parties: [Party, Party] = [
    { speaker: subject, neighbor: toPeer },
    { speaker: peer, neighbor: toSubject },
  ];
  await complete(parties);
  return parties;
}

async function complete([subject, peer]: readonly [Party, Party]): Promise<void> {
  await established(subject.speaker, peer.speaker);
  for (const { speaker, neighbor } of [subject, peer]) {
    await eventually(`BFD of ${speaker.product} on ${speaker.host.name} up`, 20, async () =>
      (await speaker.bfdUp(neighbor)) ? undefined : 'it is not',
    );
  }
  await learned(subject.speaker, [NETWORK.peer]);
  await learned(peer.speaker, [NETWORK.subject]);
}

/** The peer stops in its tracks: its kernel keeps TCP alive. */
async function freeze(bench: Bench, way: Way): Promise<void> {
  const [subject, peer] = await upTogether(bench, way);
  peer.speaker.freeze();
  await down(subject.speaker, peer.speaker.host, SOON);
  await forgotten(subject.speaker, [NETWORK.peer], 2);
}

/** The link is cut, both ends notice, and it comes back. */
async function cut(bench: Bench, way: Way): Promise<void> {
  const parties = await upTogether(bench, way);
  const [subject, peer] = parties;
  await bench.hosts[1]?.run(['ip', 'link', 'set', 'eth0', 'down']);
  await down(subject.speaker, peer.speaker.host, SOON);
  await down(peer.speaker, subject.speaker.host, SOON);
  await forgotten(subject.speaker, [NETWORK.peer], 2);
  await bench.hosts[1]?.run(['ip', 'link', 'set', 'eth0', 'up']);
  await complete(parties);
}

/** The subject stops in its tracks: the peer must believe in our BFD as well. */
async function freezeSubject(bench: Bench, way: Way): Promise<void> {
  const [subject, peer] = await upTogether(bench, way);
  subject.speaker.freeze();
  await down(peer.speaker, subject.speaker.host, SOON);
  await forgotten(peer.speaker, [NETWORK.subject], 2);
}

const hosts = ['subject', 'peer'];

export const scenarios: readonly Scenario[] = [
  {
    name: 'bfd-single-hop',
    title: 'a peer that falls silent loses its session by BFD over one hop of IPv4',
    hosts,
    run: (bench) => freeze(bench, { transport: 'ipv4', bfd: 'single-hop' }),
  },
  {
    name: 'bfd-single-hop-ipv6',
    title: 'a subject that falls silent loses its session by BFD over one hop of IPv6',
    hosts,
    run: (bench) => freezeSubject(bench, { transport: 'ipv6', bfd: 'single-hop' }),
  },
  {
    name: 'bfd-multihop',
    title: 'both ends of several hops notice by BFD that the link is cut, and that it is back',
    hosts,
    run: (bench) => cut(bench, { transport: 'ipv4', bfd: 'multihop' }),
  },
];
