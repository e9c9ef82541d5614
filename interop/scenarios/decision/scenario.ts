import { established, learned } from '../../checks.ts';
import type { Host } from '../../runner.ts';
import { type Bench, quintet, type Scenario } from '../../scenario.ts';
import type { Announcement, NeighborConfig } from '../../speaker.ts';

const ASN = 65001;

const to = (host: Host): NeighborConfig => ({
  host,
  asn: ASN,
  transport: 'ipv4',
  families: ['ipv4-unicast'],
});

type Attributes = Omit<Announcement, 'prefix'>;

/** What three neighbours say of a prefix, and the number of the one whose path is the best. */
interface Contest {
  readonly prefix: string;
  readonly paths: readonly [Attributes, Attributes, Attributes];
  readonly winner: 0 | 1 | 2;
}

const CONTESTS: readonly Contest[] = [
  {
    // The highest LOCAL_PREF, although its path is the longest.
    prefix: '10.9.1.0/24',
    paths: [
      { localPref: 100, path: [65010] },
      { localPref: 200, path: [65010, 65011, 65012] },
      { localPref: 150, path: [65010, 65011] },
    ],
    winner: 1,
  },
  {
    // The shortest AS_PATH, although its MED is the highest.
    prefix: '10.9.2.0/24',
    paths: [
      { path: [65010, 65011, 65012], med: 1 },
      { path: [65010, 65011], med: 2 },
      { path: [65010], med: 3 },
    ],
    winner: 2,
  },
  {
    // The lowest MED of one neighbouring AS, although its router id is not the lowest.
    prefix: '10.9.3.0/24',
    paths: [
      { path: [65010], med: 30 },
      { path: [65010], med: 10 },
      { path: [65010], med: 20 },
    ],
    winner: 1,
  },
  {
    // The first loses to the second by MED, the third by router id to whoever is left of them.
    prefix: '10.9.4.0/24',
    paths: [
      { path: [65010], med: 30 },
      { path: [65010], med: 20 },
      { path: [65011], med: 10 },
    ],
    winner: 1,
  },
];

/** The subject and the peer hear the same of three neighbours, and choose the same (RFC 4271 §9.1.2). */
async function run(bench: Bench): Promise<void> {
  const [here, there, ...sources] = quintet(bench);
  const config = { asn: ASN, neighbors: sources.map(to) };
  const choosers = [bench.subject(here, config), bench.peer(there, config)];
  const announcers = sources.map((host, index) =>
    bench.subject(host, {
      asn: ASN,
      announcements: CONTESTS.map(({ prefix, paths }) => ({ prefix, ...paths[index] })),
      neighbors: [to(here), to(there)],
    }),
  );
  await Promise.all([...choosers, ...announcers].map((each) => each.start()));
  await established(...choosers, ...announcers);
  for (const chooser of choosers) {
    for (const { prefix, winner } of CONTESTS) {
      await learned(chooser, [prefix], { nextHop: sources[winner]?.ipv4 ?? '' });
    }
  }
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'decision',
    title: 'subject and peer choose the same of three paths: LOCAL_PREF, AS_PATH, MED (RFC 4271)',
    hosts: ['subject', 'peer', 'first', 'second', 'third'],
    run,
  },
];
