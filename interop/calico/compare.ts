import { setTimeout as delay } from 'node:timers/promises';
import { eventually, Missing } from '../eventually.ts';
import { DEVIATIONS } from './deviations.ts';
import { type Difference, differencesOf } from './facts.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import type { World } from './world.ts';

/** In seconds: longer than the 2 that speakers wait before they dial, and than BIRD's scans. */
const DIALS_WITHIN = 4;
const SETTLES_WITHIN = 12;
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
  await Promise.all([bird, subject].map((world) => world.subject.start()));
  await connect(bird.peers, subject.peers);
  await listen([...bird.peers, ...subject.peers]);
  return await agreement(bird, subject);
}

/** The node dials its peers; where neither speaker does, they are passive and the peers dial. */
async function connect(
  ones: readonly ScriptedPeer[],
  others: readonly ScriptedPeer[],
): Promise<void> {
  const all = [...ones, ...others];
  const end = Date.now() + DIALS_WITHIN * 1000;
  while (Date.now() < end && !all.every(({ wasDialed }) => wasDialed)) await delay(100);
  const dialed = new Set(all.filter(({ wasDialed }) => wasDialed).map(({ script }) => script.name));
  for (const peer of all) if (!dialed.has(peer.script.name)) peer.dial();
  await every(all, 'established', ({ established }) => established);
}

/** Until each has been told everything: once by the node itself, and once more when asked. */
async function listen(peers: readonly ScriptedPeer[]): Promise<void> {
  await every(peers, 'told all', ({ complete }) => complete);
  for (const peer of peers) peer.refresh();
  await every(peers, 'told all again', ({ refreshes }) => refreshes > 0);
}

const every = (
  peers: readonly ScriptedPeer[],
  what: string,
  holds: (peer: ScriptedPeer) => boolean,
): Promise<void> =>
  eventually(`every peer is ${what}`, 20, async () => {
    const not = peers.filter((peer) => !holds(peer));
    const words = not.map((peer) => `${peer.script.name} ${peer.lastNotification}`.trim());
    return not.length === 0 ? undefined : `not ${words.join(', ')}`;
  });

/** BIRD looks at its FIB every 2 seconds only, so what differs is looked at again for a while. */
async function agreement(bird: World, subject: World): Promise<Agreement> {
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
