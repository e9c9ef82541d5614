import { expect, test } from 'vitest';
import type { Resource } from '../../src/datastore/datastore.ts';
import { flowsOf } from '../../src/lab/echo.ts';
import { MemoryLab } from '../../src/lab/memory-lab.ts';
import { planOf } from '../../src/lab/plan.ts';
import { chaptersOf, overlaid } from '../../src/lab/story.ts';
import { judge } from '../../src/lab/verdict.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { QUICKSTART, quickstart } from './quickstart.ts';

test('the quickstart goes from mesh to reflector in memory without losing an echo', async () => {
  const clock = new VirtualClock();
  const lab = new MemoryLab(quickstart(), clock, seededRandom(1));
  await lab.start();
  lab.startEchoes(flowsOf(planOf(quickstart())));
  const missing = async (later: readonly Resource[]): Promise<readonly string[]> => {
    const plan = planOf(overlaid(quickstart(), later));
    return judge(plan, await lab.observe(), lab.echoes()).flatMap((at) => at.missing);
  };
  clock.advance(20_000);
  expect(await missing([])).toEqual([]);
  let later: readonly Resource[] = [];
  for (const { resources } of chaptersOf(QUICKSTART)) {
    await lab.apply(resources);
    later = overlaid(later, resources);
    clock.advance(20_000);
    expect(await missing(later)).toEqual([]);
  }
  const answered = lab.echoes().map((flow) => flow.answered);
  expect(Math.min(...answered)).toBeGreaterThan(700);
  await lab.stop();
});
