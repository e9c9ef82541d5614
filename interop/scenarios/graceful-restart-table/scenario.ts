import { down, established, forgotten, learned, missingRoutes } from '../../checks.ts';
import { Lacks, now } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker, SpeakerConfig } from '../../speaker.ts';

const KEPT = { subject: ['10.1.0.0/24'], peer: ['10.2.0.0/24'] };
/** A network that is not there any more after the restart. */
const LOST = { subject: '10.1.9.0/24', peer: '10.2.9.0/24' };

/** One side is killed and comes back: the other keeps its routes, and drops what it lost. */
async function run(bench: Bench, killed: 'subject' | 'peer'): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    gracefulRestart: 60,
  });
  const configs = (lost: boolean): Readonly<Record<'subject' | 'peer', SpeakerConfig>> => ({
    subject: {
      asn: 65001,
      networks: [...KEPT.subject, ...(lost ? [LOST.subject] : [])],
      neighbors: [to(there, 65002)],
    },
    peer: {
      asn: 65002,
      networks: [...KEPT.peer, ...(lost ? [LOST.peer] : [])],
      neighbors: [to(here, 65001)],
    },
  });
  const before = configs(true);
  const subject = bench.subject(here, before.subject);
  const peer = bench.peer(there, before.peer);
  if (killed === 'subject' && peer.product === 'exabgp')
    throw new Lacks('no table in which routes could stay');
  await Promise.all([subject.start(), peer.start()]);
  await established(subject, peer);
  const [victim, helper] = killed === 'subject' ? [subject, peer] : [peer, subject];
  await comesBack(victim, helper, killed, configs(false)[killed]);
}

async function comesBack(
  victim: Speaker,
  helper: Speaker,
  name: 'subject' | 'peer',
  config: SpeakerConfig,
): Promise<void> {
  const all = [...KEPT[name], LOST[name]];
  await learned(helper, all);
  await victim.kill();
  await down(helper, victim.host, 10);
  await now('the routes of the absent stay', () => missingRoutes(helper, all));
  await victim.start({ config, restart: true });
  await established(victim, helper);
  await forgotten(helper, [LOST[name]]);
  await now('the rest is still there', () => missingRoutes(helper, KEPT[name]));
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'restart-table-helper',
    title: 'without a FIB: the peer is killed and comes back, its routes stay (RFC 4724)',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'peer'),
  },
  {
    name: 'restart-table-restarter',
    title: 'without a FIB: the subject is killed and comes back, its routes stay (RFC 4724)',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'subject'),
  },
];
