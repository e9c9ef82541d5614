import { setTimeout as delay } from 'node:timers/promises';
import { eventually, Missing } from '../eventually.ts';
import { DEVIATIONS } from './deviations.ts';
import { type Difference, differencesOf } from './facts.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import type { World } from './world.ts';

/** In seconds: longer than the 2 that speakers wait before they dial, and than BIRD's scans. */
const DIALS_WITHIN = 4;
const SETTLES_WITHIN = 12;
/** For whatever must happen sooner or later. */
const PATIENCE = 30;
const SHOWN = 12;

/** What came of a comparison in which all is as it should be. */
export interface Agreement {
  /** How many things are the same. */
  readonly same: number;
  /** Differences by the name of the deviation that they are of. */
  readonly deviations: ReadonlyMap<string, number>;
}

/** Lets BIRD and the subject live through the same, and throws where they differ unexpectedly. */
export async function compare(bird: World, subject: World): Promise<Agreement> {
  const worlds = [bird, subject];
  await Promise.all(worlds.map((world) => world.subject.start()));
  await connect(worlds);
  await every(worlds, 'told all', ({ complete }) => complete);
  const first = await agreement(bird, subject);
  await Promise.all(worlds.map((world) => world.change()));
  return sum(first, await agreement(bird, subject));
}

function sum(one: Agreement, other: Agreement): Agreement {
  const deviations = new Map(one.deviations);
  for (const [name, count] of other.deviations) {
    deviations.set(name, (deviations.get(name) ?? 0) + count);
  }
  return { same: one.same + other.same, deviations };
}

/** The node dials its peers; where neither speaker does, they are passive and the peers dial. */
async function connect(worlds: readonly World[]): Promise<void> {
  const all = worlds.flatMap(({ peers }) => peers);
  const end = Date.now() + DIALS_WITHIN * 1000;
  while (Date.now() < end && !all.every(({ wasDialed }) => wasDialed)) await delay(100);
  const dialed = new Set(all.filter(({ wasDialed }) => wasDialed).map(({ script }) => script.name));
  for (const peer of all) if (!dialed.has(peer.script.name)) peer.dial();
  await every(worlds, 'established', ({ established }) => established);
}

/** Has every peer told everything once more: behind all that the node had to say before. */
async function settle(worlds: readonly World[]): Promise<void> {
  const peers = worlds.flatMap((world) => world.peers);
  const before = new Map(peers.map((peer) => [peer, peer.refreshes]));
  for (const peer of peers) peer.refresh();
  await every(worlds, 'told all again', (peer) => peer.refreshes > (before.get(peer) ?? 0));
}

const every = (
  worlds: readonly World[],
  what: string,
  holds: (peer: ScriptedPeer) => boolean,
): Promise<void> =>
  eventually(`every peer is ${what}`, PATIENCE, async () => {
    const not = worlds.flatMap(({ subject, peers }) =>
      peers
        .filter((peer) => !holds(peer))
        .map(({ script, state }) => `${script.name} of ${subject.product} ${state}`),
    );
    return not.length === 0 ? undefined : `not ${not.join(', ')}`;
  });

/** BIRD looks at its FIB every 2 seconds only, so what differs is looked at again for a while. */
async function agreement(bird: World, subject: World): Promise<Agreement> {
  await settle([bird, subject]);
  const end = Date.now() + SETTLES_WITHIN * 1000;
  for (;;) {
    const [theirs, ours] = await Promise.all([bird.facts(), subject.facts()]);
    const deviations = new Map<string, number>();
    const unexpected = differencesOf(theirs, ours).filter((difference) => {
      const meant = DEVIATIONS.find(({ covers }) => covers(difference, theirs));
      if (meant === undefined) return true;
      deviations.set(meant.name, (deviations.get(meant.name) ?? 0) + 1);
      return false;
    });
    const total = [...deviations.values()].reduce((sum, count) => sum + count, 0);
    if (unexpected.length === 0) return { same: theirs.size - total, deviations };
    if (Date.now() > end) throw new Missing(report(unexpected));
    await delay(500);
  }
}

function report(differences: readonly Difference[]): string {
  const lines = differences
    .slice(0, SHOWN)
    .map(({ about, bird, subject }) => `${about}\n    bird    ${bird}\n    subject ${subject}`);
  return [`${differences.length} differences`, ...lines].join('\n  ');
}
