import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/runtime/random.ts';
import { addressOf, build, missing, NODES, REFLECTOR } from './ring.ts';

/** Twenty cuts at random, each healed after up to two minutes, then quiet. */
const CUTS = 20;
const QUIET = 300_000;

function run(seed: number): { log: readonly string[]; missing: readonly string[] } {
  const { cluster, nodes } = build(seed);
  const random = seededRandom(seed);
  const addresses = [REFLECTOR, ...NODES.map(addressOf)];
  cluster.clock.advance(30_000);
  for (let cut = 0; cut < CUTS; cut++) {
    const [a = ''] = addresses.splice(random.u32() % addresses.length, 1);
    const b = addresses[random.u32() % addresses.length] ?? '';
    addresses.push(a);
    cluster.log.push(`cut ${a} ${b}`);
    cluster.network.cut(a, b, random.next() < 0.5 ? 'reset' : 'silent');
    cluster.clock.setTimer('heal', random.next() * 120_000, () => cluster.network.restore(a, b));
    cluster.clock.advance(random.next() * 60_000);
  }
  cluster.clock.advance(QUIET);
  return { log: cluster.log, missing: missing(cluster, nodes) };
}

describe('five nodes on a ring and a reflector', () => {
  test('have every route of every other within seconds of the start', () => {
    const { cluster, nodes } = build(7);
    expect(cluster.clock.runUntil(() => missing(cluster, nodes).length === 0, 60_000)).toBe(true);
    expect(cluster.established).toBe(true);
  });

  test('are whole again after twenty link cuts, and the same seed gives the same log', () => {
    const first = run(42);
    expect(first.missing).toEqual([]);
    expect(first.log.length).toBeGreaterThan(100);
    expect(run(42).log).toEqual(first.log);
    expect(run(43).log).not.toEqual(first.log);
  });
});
