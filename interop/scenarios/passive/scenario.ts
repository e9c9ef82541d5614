import { established, learned } from '../../checks.ts';
import { eventually } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, type Scenario } from '../../scenario.ts';
import type { NeighborConfig } from '../../speaker.ts';

/** One side only listens: the session that comes up is the other's connection to port 179. */
async function run(bench: Bench, passive: 'subject' | 'peer'): Promise<void> {
  const [here, there] = pair(bench);
  const to = (host: Host, asn: number, isPassive: boolean): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
    passive: isPassive,
  });
  const subject = bench.subject(here, {
    asn: 65001,
    networks: ['10.1.0.0/24'],
    neighbors: [to(there, 65002, passive === 'subject')],
  });
  const peer = bench.peer(there, {
    asn: 65002,
    networks: ['10.2.0.0/24'],
    neighbors: [to(here, 65001, passive === 'peer')],
  });
  // Whoever dials comes second: a refused dial costs OpenBGPD two minutes.
  const speakers = passive === 'subject' ? [subject, peer] : [peer, subject];
  for (const speaker of speakers) await speaker.start();
  await established(subject, peer);
  await learned(subject, ['10.2.0.0/24']);
  await learned(peer, ['10.1.0.0/24']);
  const listener = passive === 'subject' ? here : there;
  await eventually(`${listener.name} was dialled`, 5, () => noConnectionTo179(listener));
}

async function noConnectionTo179(host: Host): Promise<string | undefined> {
  const sockets = await host.run(['ss', '-Htn', 'state', 'established', 'sport', '=', ':179']);
  return sockets.includes(`${host.ipv4}:179`)
    ? undefined
    : 'its end of the session is not port 179';
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'passive',
    title: 'the subject only listens',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'subject'),
  },
  {
    name: 'active',
    title: 'the peer only listens',
    hosts: ['subject', 'peer'],
    run: (bench) => run(bench, 'peer'),
  },
];
