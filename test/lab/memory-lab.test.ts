import { describe, expect, test } from 'vitest';
import type { Resource } from '../../src/datastore/datastore.ts';
import { type EchoReport, flowsOf } from '../../src/lab/echo.ts';
import { MemoryLab } from '../../src/lab/memory-lab.ts';
import { planOf } from '../../src/lab/plan.ts';
import { chaptersOf, overlaid } from '../../src/lab/story.ts';
import { judge } from '../../src/lab/verdict.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { QUICKSTART, resourcesOf, TWO_REFLECTORS } from './stories.ts';

/** Milliseconds of virtual time for each chapter. */
const CHAPTER = 20_000;

interface Played {
  /** What was missing at the end of each chapter, the first before the story begins. */
  readonly missing: readonly (readonly string[])[];
  readonly echoes: readonly EchoReport[];
}

/** Plays the story of a directory in virtual time, over `resources` in place of its own. */
async function play(directory: string, resources = resourcesOf(directory)): Promise<Played> {
  const clock = new VirtualClock();
  const lab = new MemoryLab(resources, clock, seededRandom(1));
  await lab.start();
  lab.startEchoes(flowsOf(planOf(resources)));
  const missing: (readonly string[])[] = [];
  const dead = new Set<string>();
  let later: readonly Resource[] = [];
  const beginning = { resources: [], deeds: [] };
  for (const chapter of [beginning, ...chaptersOf(directory)]) {
    await lab.apply(chapter.resources);
    later = overlaid(later, chapter.resources);
    for (const { kind, member } of chapter.deeds) {
      if (kind === 'Kill') dead.add(member);
      else dead.delete(member);
      await (kind === 'Kill' ? lab.kill(member) : lab.replace(member));
    }
    clock.advance(CHAPTER);
    const verdicts = judge(
      planOf(overlaid(resources, later)),
      await lab.observe(),
      lab.echoes(),
      dead,
    );
    missing.push(verdicts.flatMap((at) => at.missing));
  }
  const echoes = lab.echoes();
  await lab.stop();
  return { missing, echoes };
}

const without = (kind: string, ...replaced: readonly Resource[]): readonly Resource[] => [
  ...resourcesOf(TWO_REFLECTORS).filter((at) => at.kind !== kind),
  ...replaced,
];

describe('in memory', () => {
  test('the quickstart goes from mesh to reflector without losing an echo', async () => {
    const { missing, echoes } = await play(QUICKSTART);
    expect(missing).toEqual([[], [], []]);
    expect(Math.min(...echoes.map(({ answered }) => answered))).toBeGreaterThan(700);
  });

  test('reflectors and nodes are killed and replaced without losing an echo', async () => {
    const { missing, echoes } = await play(TWO_REFLECTORS);
    expect(missing).toEqual([[], [], [], [], [], [], []]);
    expect(Math.min(...echoes.map(({ answered }) => answered))).toBeGreaterThan(2000);
  });

  test('echoes are lost when both reflectors die and graceful restart is off', async () => {
    const hasty = resourcesOf(TWO_REFLECTORS)
      .filter(({ kind }) => kind === 'BGPPeer')
      .map((peer) => ({ ...peer, spec: { ...peer.spec, maxRestartTime: '0s' } }));
    const { missing, echoes } = await play(TWO_REFLECTORS, without('BGPPeer', ...hasty));
    expect(missing.slice(0, 3)).toEqual([[], [], []]);
    expect(missing.at(-1)?.join('\n')).toMatch(/echoes from .* were lost/);
    expect(echoes.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(0);
  });
});
