import { established, forgotten, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

/** One side knows the other by its network only: it is dialled, and forgets who has gone. */
async function run(bench: Bench, listener: 'subject' | 'peer'): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number, dynamic: boolean): NeighborConfig => ({
    host,
    asn,
    dynamic,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const subject = bench.subject(here, {
    asn: 65001,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, 65002, listener === 'subject')],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, 65001, listener === 'peer')],
  });
  // Whoever dials comes second: a refused dial costs OpenBGPD two minutes.
  const [known, dials] = listener === 'subject' ? [subject, peer] : [peer, subject];
  await known.start();
  await dials.start();
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24'], { nextHop: there.ipv4, asPath: '65002' });
  await learned(peer, ['10.1.0.0/24'], { nextHop: here.ipv4, asPath: '65001' });
  await dials.kill();
  await forgotten(known, listener === 'subject' ? ['10.2.0.0/24'] : ['10.1.0.0/24']);
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'dynamic',
    title: 'the subject knows the peer by its network only, and is dialled',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'subject'),
  },
  {
    name: 'dynamic-peer',
    title: 'the peer knows the subject by its network only, and is dialled',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'peer'),
  },
];
