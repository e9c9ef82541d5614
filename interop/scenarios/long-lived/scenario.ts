import { setTimeout as delay } from 'node:timers/promises';
import { down, established, forgotten, learned, missingRoutes } from '../../checks.ts';
import { now } from '../../eventually.ts';
import type { Host } from '../../runner.ts';
import { type Bench, pair, quartet, type Scenario } from '../../scenario.ts';
import type { NeighborConfig, Speaker, SpeakerConfig } from '../../speaker.ts';

const KEPT = { subject: '10.1.0.0/24', peer: '10.2.0.0/24' };
/** Not announced any more after the restart. */
const LOST = { subject: '10.1.9.0/24', peer: '10.2.9.0/24' };

/** Seconds after which graceful restart alone would have dropped the routes. */
const RESTART_TIME = 3;

const NO_EXPORT = '65535:65281';

interface Party {
  readonly speaker: Speaker;
  /** Its configuration without the lost network. */
  readonly after: SpeakerConfig;
  readonly networks: readonly string[];
  readonly lost: string;
}

function parties(bench: Bench): { readonly subject: Party; readonly peer: Party } {
  const [here, there] = pair(bench);
  const config = (asn: number, to: Host, remote: number, networks: readonly string[]) => ({
    asn,
    networks,
    neighbors: [neighbor(to, remote)],
  });
  const party = (side: 'subject' | 'peer', host: Host, asn: number, to: Host, remote: number) => {
    const networks = [KEPT[side], LOST[side]];
    const speaker = bench[side](host, config(asn, to, remote, networks));
    return { speaker, after: config(asn, to, remote, [KEPT[side]]), networks, lost: LOST[side] };
  };
  return {
    subject: party('subject', here, 65001, there, 65002),
    peer: party('peer', there, 65002, here, 65001),
  };
}

const neighbor = (host: Host, asn: number): NeighborConfig => ({
  host,
  asn,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
  gracefulRestart: RESTART_TIME,
  longLived: 300,
});

/** One is killed and comes back late: the other has kept its routes, and drops what it lost. */
async function survives(helper: Party, restarter: Party): Promise<void> {
  const [stays, goes] = [helper.speaker, restarter.speaker];
  await Promise.all([stays.start(), goes.start()]);
  await established(stays, goes);
  await learned(stays, restarter.networks);
  await goes.kill();
  await down(stays, goes.host, 10);
  await delay(2 * RESTART_TIME * 1000);
  await now('routes outlive the restart time', () => missingRoutes(stays, restarter.networks));
  await goes.start({ config: restarter.after, restart: true });
  await established(stays, goes);
  await forgotten(stays, [restarter.lost]);
  await learned(stays, [restarter.networks[0] ?? '']);
}

/** Two internal peers that do not know stale routes: one is sent them all the same, one is not. */
async function partialDeployment(bench: Bench): Promise<void> {
  const [here, there, sent, spared] = quartet(bench);
  const internal = (host: Host, asn: number): NeighborConfig => ({
    host,
    asn,
    transport: 'ipv4',
    families: ['ipv4-unicast'],
  });
  const inside = (host: Host): Speaker =>
    bench.peer(host, { asn: 65001, neighbors: [internal(here, 65001)] });
  const subject = bench.subject(here, {
    asn: 65001,
    neighbors: [
      neighbor(there, 65002),
      { ...internal(sent, 65001), longLivedPartialDeployment: true },
      internal(spared, 65001),
    ],
  });
  const goes = bench.peer(there, {
    asn: 65002,
    networks: [KEPT.peer],
    neighbors: [neighbor(here, 65001)],
  });
  const [keeps, drops] = [inside(sent), inside(spared)];
  const all = [subject, goes, keeps, drops];
  await Promise.all(all.map((speaker) => speaker.start()));
  await established(...all);
  for (const speaker of [keeps, drops]) await learned(speaker, [KEPT.peer], { localPref: 100 });
  await goes.kill();
  await learned(keeps, [KEPT.peer], { localPref: 0 });
  await forgotten(drops, [KEPT.peer]);
  await now('a stale route does not leave the AS', async () => {
    const [route] = await keeps.routes('ipv4-unicast');
    const { communities = [] } = route ?? {};
    return communities.includes(NO_EXPORT) ? undefined : `it has ${communities.join(' ')}`;
  });
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'long-lived-helper',
    title: 'the peer is away longer than its restart time: its routes stay (RFC 9494)',
    hosts: ['subject', 'peer'],
    run: (bench) => {
      const { subject, peer } = parties(bench);
      return survives(subject, peer);
    },
  },
  {
    name: 'long-lived-restarter',
    title: 'the subject is away longer than its restart time: its routes stay (RFC 9494)',
    hosts: ['subject', 'peer'],
    run: (bench) => {
      const { subject, peer } = parties(bench);
      return survives(peer, subject);
    },
  },
  {
    name: 'long-lived-partial',
    title:
      'stale routes are the last resort of internal peers that do not know them (RFC 9494 §4.6)',
    hosts: ['subject', 'peer', 'sent', 'spared'],
    run: partialDeployment,
  },
];
