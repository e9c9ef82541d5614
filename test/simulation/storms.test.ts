import { expect, test } from 'vitest';
import { FAMILIES } from '../../src/net/family.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { addressOf, build, missing, NODES, REFLECTOR } from './ring.ts';

/** Storms tried, each with a seed of its own. */
const STORMS = Math.min(1000, Number(process.env['FC_RUNS'] ?? 100) / 5);
/** Cuts and kills in a storm. */
const BLOWS = 25;
const QUIET = 400_000;

/** Cuts links and kills processes at random; everything is healed and back before the end. */
function storm(seed: number): ReturnType<typeof build> {
  const world = build(seed);
  const { cluster, nodes, reflector } = world;
  const random = seededRandom(seed);
  const hosts = [...nodes, reflector];
  const addresses = [REFLECTOR, ...NODES.map(addressOf)];
  const pick = <T>(from: readonly T[]): T => from[random.u32() % from.length] as T;
  cluster.clock.advance(30_000);
  for (let blow = 0; blow < BLOWS; blow++) {
    const a = pick(addresses);
    const b = pick(addresses.filter((address) => address !== a));
    const victim = pick(hosts);
    if (random.next() < 0.5) {
      cluster.network.cut(a, b, random.next() < 0.5 ? 'reset' : 'silent');
      cluster.clock.setTimer('heal', random.next() * 120_000, () => cluster.network.restore(a, b));
    } else if (victim.speaker !== undefined) {
      cluster.kill(victim);
      cluster.clock.setTimer('back', random.next() * 150_000, () => cluster.start(victim));
    }
    cluster.clock.advance(random.next() * 40_000);
  }
  cluster.clock.advance(QUIET);
  return world;
}

test.each(Array.from({ length: STORMS }, (_, index) => index + 100))(
  'after the storm of seed %i nothing is missing and nothing stale is left',
  (seed) => {
    const { cluster, nodes, reflector } = storm(seed);
    expect(missing(cluster, nodes)).toEqual([]);
    expect(cluster.established).toBe(true);
    for (const { speaker } of [...nodes, reflector]) {
      expect(speaker?.recovering).toBeUndefined();
      for (const { state, routes } of speaker?.peers ?? []) {
        expect(state.stale).toEqual([]);
        expect(FAMILIES.map((family) => routes.rib.counts(family).stale)).toEqual([0, 0]);
      }
    }
    // The node's own blackhole and the blocks of the four others.
    const ours = nodes.map(({ fib }) => fib.routes().filter(({ protocol }) => protocol === 12));
    expect(ours.map(({ length }) => length)).toEqual([5, 5, 5, 5, 5]);
  },
);
