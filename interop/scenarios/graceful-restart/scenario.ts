import {
  down,
  established,
  forgotten,
  learned,
  missingFromFib,
  missingRoutes,
  programmed,
  unprogrammed,
} from '../../checks.ts';
import { Missing, now } from '../../eventually.ts';
import { FibWatch } from '../../fib-watch.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker, SpeakerConfig } from '../../speaker.ts';

const NETWORKS = { subject: ['10.1.0.0/24', '10.1.1.0/24'], peer: ['10.2.0.0/24', '10.2.1.0/24'] };
/** A network that is not there any more after the restart. */
const LOST = { subject: '10.1.9.0/24', peer: '10.2.9.0/24' };

interface Pair {
  readonly subject: Speaker;
  readonly peer: Speaker;
  /** The configurations without the lost networks. */
  readonly after: { readonly subject: SpeakerConfig; readonly peer: SpeakerConfig };
}

type WithBfd = Pick<NeighborConfig, 'bfd'>;

function speakers(bench: Bench, bfd: WithBfd): Pair {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    gracefulRestart: 60,
    ...bfd,
  });
  const config = (asn: number, networks: readonly string[], neighbor: NeighborConfig) => ({
    asn,
    kernel: true,
    networks,
    neighbors: [neighbor],
  });
  const make = (lost: boolean) => ({
    subject: config(
      65001,
      [...NETWORKS.subject, ...(lost ? [LOST.subject] : [])],
      to(there, 65002),
    ),
    peer: config(65002, [...NETWORKS.peer, ...(lost ? [LOST.peer] : [])], to(here, 65001)),
  });
  const before = make(true);
  return {
    subject: bench.subject(here, before.subject),
    peer: bench.peer(there, before.peer),
    after: make(false),
  };
}

async function up({ subject, peer }: Pair): Promise<void> {
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  await programmed(subject.host, [...NETWORKS.peer, LOST.peer], peer.host);
  await programmed(peer.host, [...NETWORKS.subject, LOST.subject], subject.host);
}

/** The peer is killed and comes back: its routes stay until it says that it is complete. */
async function asHelper(bench: Bench, bfd: WithBfd = {}): Promise<void> {
  const both = speakers(bench, bfd);
  const { subject, peer, after } = both;
  await up(both);
  const watch = new FibWatch(subject.host, 'fib-subject');
  await peer.kill();
  await down(subject, peer.host, 10);
  const all = [...NETWORKS.peer, LOST.peer];
  await now('subject keeps the routes of the absent peer', () => missingRoutes(subject, all));
  await now('subject keeps its FIB', () => missingFromFib(subject.host, all, peer.host));
  await peer.start({ config: after.peer, restart: true });
  await established(subject, peer);
  await learned(peer, NETWORKS.subject);
  await forgotten(subject, [LOST.peer]);
  await unprogrammed(subject.host, [LOST.peer]);
  await now('subject still has the rest', () => missingRoutes(subject, NETWORKS.peer));
  stayed(watch, NETWORKS.peer, subject.host);
}

/**
 * The subject is killed and comes back: both kernels forward all the while.
 *
 * FRR 8.4 may send End-of-RIB before its routes (always with its coalesce timer, one time in three
 * without): the subject must not sweep its FIB the moment that recovery is over.
 */
async function asRestarter(bench: Bench, bfd: WithBfd = {}): Promise<void> {
  const both = speakers(bench, bfd);
  const { subject, peer, after } = both;
  await up(both);
  const ours = new FibWatch(subject.host, 'fib-subject');
  const theirs = new FibWatch(peer.host, 'fib-peer');
  await subject.kill();
  await down(peer, subject.host, 10);
  const all = [...NETWORKS.subject, LOST.subject];
  await now('peer keeps its FIB', () => missingFromFib(peer.host, all, subject.host));
  await now('the dead subject leaves its FIB', () =>
    missingFromFib(subject.host, NETWORKS.peer, peer.host),
  );
  await subject.start({ config: after.subject, restart: true });
  await established(subject, peer);
  await learned(subject, NETWORKS.peer);
  await forgotten(peer, [LOST.subject]);
  await unprogrammed(peer.host, [LOST.subject]);
  await programmed(subject.host, NETWORKS.peer, peer.host);
  stayed(ours, NETWORKS.peer, subject.host);
  stayed(theirs, NETWORKS.subject, peer.host);
}

function stayed(watch: FibWatch, prefixes: readonly string[], host: Host): void {
  const removed = watch.removed(prefixes);
  if (removed.length > 0)
    throw new Missing(`FIB of ${host.name} lost ${removed.join(', ')} meanwhile`);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'graceful-restart-helper',
    title: 'the peer is killed and comes back: its routes stay, what it lost goes',
    hosts: ['subject', 'peer'],
    run: (bench) => asHelper(bench),
  },
  {
    name: 'graceful-restart-restarter',
    title: 'the subject is killed and comes back: no FIB loses a route',
    hosts: ['subject', 'peer'],
    run: (bench) => asRestarter(bench),
  },
  {
    name: 'graceful-restart-helper-bfd',
    title: 'the same with BFD, which ends and begins with the peer',
    hosts: ['subject', 'peer'],
    run: (bench) => asHelper(bench, { bfd: 'single-hop' }),
  },
  {
    name: 'graceful-restart-restarter-bfd',
    title: 'the same with BFD, which ends and begins with the subject',
    hosts: ['subject', 'peer'],
    run: (bench) => asRestarter(bench, { bfd: 'single-hop' }),
  },
];
