import { describe, expect, test } from 'vitest';
import type { Cluster, Host } from './cluster.ts';
import { build, missing } from './ring.ts';

const MINUTES = 60_000;

interface World {
  readonly cluster: Cluster;
  readonly nodes: readonly Host[];
  readonly reflector: Host;
  /** Every route that was missing at any instant, on any node. */
  readonly losses: ReadonlySet<string>;
}

/** The ring once it is whole, with every FIB watched. */
function whole(seed: number, session: object = {}): World {
  const { cluster, nodes, reflector } = build(seed, session);
  expect(cluster.clock.runUntil(() => missing(cluster, nodes).length === 0, MINUTES)).toBe(true);
  cluster.clock.advance(MINUTES);
  expect(cluster.established).toBe(true);
  return { cluster, nodes, reflector, losses: cluster.watch(() => missing(cluster, nodes)) };
}

/** What programming did on a host since the log had `from` lines. */
const written = ({ log }: Cluster, host: Host, from: number): readonly string[] =>
  log.slice(from).filter((line) => new RegExp(` ${host.name} fib (add|replace|remove)`).test(line));

describe('no route is lost at any instant', () => {
  test.each([
    ['a node', 1, 20_000],
    ['a node', 2, 100],
    ['a node', 3, 100_000],
  ])('while %s is killed and comes back (seed %i, away %i ms)', (_who, seed, away) => {
    const { cluster, nodes, losses } = whole(seed);
    const victim = nodes[seed % nodes.length] as Host;
    const before = cluster.log.length;
    cluster.kill(victim);
    cluster.clock.advance(away);
    cluster.start(victim);
    cluster.clock.advance(5 * MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
    expect(written(cluster, victim, before)).toEqual([]);
  });

  test.each([
    [4, 20_000],
    [5, 100],
    [6, 100_000],
  ])('while the reflector is killed and comes back (seed %i, away %i ms)', (seed, away) => {
    const { cluster, reflector, losses } = whole(seed);
    cluster.kill(reflector);
    cluster.clock.advance(away);
    cluster.start(reflector);
    cluster.clock.advance(5 * MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test.each([
    ['a node', 11, 20],
    ['a node', 12, 500],
    ['a node', 13, 1500],
    ['a node', 14, 20_000],
    ['the reflector', 15, 200],
    ['the reflector', 16, 20_000],
  ])('with BFD, while %s is killed and comes back (seed %i, away %i ms)', (who, seed, away) => {
    const { cluster, nodes, reflector, losses } = whole(seed, { bfd: true });
    const victim = who === 'a node' ? (nodes[seed % nodes.length] as Host) : reflector;
    cluster.kill(victim);
    cluster.clock.advance(away);
    cluster.start(victim);
    cluster.clock.advance(MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test('while the reflector restarts as one of its clients does', () => {
    const { cluster, nodes, reflector, losses } = whole(7);
    const client = nodes[2] as Host;
    cluster.kill(reflector);
    cluster.clock.advance(3_000);
    cluster.kill(client);
    cluster.clock.advance(4_000);
    cluster.start(reflector);
    cluster.clock.advance(5_000);
    cluster.start(client);
    cluster.clock.advance(5 * MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test('while a node restarts again before it has recovered', () => {
    const { cluster, nodes, losses } = whole(8);
    const victim = nodes[0] as Host;
    for (const pause of [5_000, 1_000, 200]) {
      cluster.kill(victim);
      cluster.clock.advance(5_000);
      cluster.start(victim);
      cluster.clock.advance(pause);
    }
    cluster.clock.advance(5 * MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test('while one after the other restarts', () => {
    const { cluster, nodes, reflector, losses } = whole(9);
    for (const host of [...nodes, reflector]) {
      cluster.kill(host);
      cluster.clock.advance(2_000);
      cluster.start(host);
      cluster.clock.advance(MINUTES);
    }
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });
});

describe('when everything restarts at once', () => {
  test('no route is lost, and selection resumes within seconds', () => {
    const { cluster, nodes, reflector, losses } = whole(10);
    const all = [...nodes, reflector];
    for (const host of all) cluster.kill(host);
    cluster.clock.advance(10_000);
    for (const host of all) cluster.start(host);
    const recovered = (): boolean =>
      cluster.established && all.every(({ speaker }) => speaker?.recovering === undefined);
    expect(cluster.clock.runUntil(recovered, 15_000)).toBe(true);
    cluster.clock.advance(5 * MINUTES);
    expect([...losses]).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test('and one node stays away, its routes go and the others stay', () => {
    const { cluster, nodes, reflector } = whole(11);
    const [absent, ...others] = nodes;
    for (const host of [...nodes, reflector]) cluster.kill(host);
    cluster.clock.advance(10_000);
    for (const host of [reflector, ...others]) cluster.start(host);
    cluster.clock.advance(5 * MINUTES);
    const left = others.map((host) => host.fib.routes().filter(({ protocol }) => protocol === 12));
    // Its own blackhole and the blocks of the three others.
    expect(left.map(({ length }) => length)).toEqual([4, 4, 4, 4]);
    const lost = missing(cluster, others).filter((line) => !line.endsWith('10.65.1.0/26'));
    expect(absent?.speaker).toBeUndefined();
    expect(lost).toEqual([]);
  });
});

test('a node that does not come back is forgotten after its restart time', () => {
  const { cluster, nodes, losses } = whole(12);
  const victim = nodes[4] as Host;
  cluster.kill(victim);
  cluster.clock.advance(118_000);
  expect([...losses]).toEqual([]);
  cluster.clock.advance(10_000);
  const dead = nodes.slice(0, 4).map((host) => `${host.name} has no route to 10.65.5.0/26`);
  expect([...losses].sort()).toEqual(dead);
});
