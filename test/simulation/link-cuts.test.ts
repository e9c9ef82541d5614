import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/runtime/random.ts';
import { Cluster, type Host } from './cluster.ts';

const NODES = [1, 2, 3, 4, 5];
const REFLECTOR = '10.0.0.100';
const addressOf = (node: number): string => `10.0.0.${node}`;
const blockOf = (node: number): string => `10.65.${node}.0/26`;
const podOf = (node: number): string => `10.65.${node}.1`;

/** Twenty cuts at random, each healed after up to two minutes, then quiet. */
const CUTS = 20;
const QUIET = 300_000;

function nodeConfig(node: number): object {
  return {
    asn: 64512,
    routerId: addressOf(node),
    listen: [{ address: '0.0.0.0', port: 179 }],
    kernel: { learn: true, program: true },
    networks: [{ prefix: blockOf(node), kernel: 'blackhole' }],
    peers: [
      { name: 'reflector', address: REFLECTOR, asn: 64512, localAddress: addressOf(node) },
      // Neighbours on a ring peer directly as well, so that a prefix has several paths.
      ...[(node % 5) + 1, ((node + 3) % 5) + 1].map((other) => ({
        name: `n${other}`,
        address: addressOf(other),
        asn: 64512,
        localAddress: addressOf(node),
      })),
    ],
  };
}

const reflectorConfig = {
  asn: 64512,
  routerId: REFLECTOR,
  clusterId: '10.0.0.100',
  listen: [{ address: REFLECTOR, port: 179 }],
  peers: NODES.map((node) => ({
    name: `n${node}`,
    address: addressOf(node),
    asn: 64512,
    passive: true,
    reflectorClient: true,
  })),
};

function build(seed: number): { cluster: Cluster; nodes: readonly Host[] } {
  const cluster = new Cluster(seed);
  cluster.start(cluster.add('reflector', REFLECTOR, reflectorConfig));
  const nodes = NODES.map((node) => cluster.add(`n${node}`, addressOf(node), nodeConfig(node)));
  for (const node of nodes) cluster.start(node);
  return { cluster, nodes };
}

/** Every block that a node's FIB does not lead to its owner. */
function missing(cluster: Cluster, nodes: readonly Host[]): readonly string[] {
  return nodes.flatMap((host) =>
    NODES.filter((node) => addressOf(node) !== host.address)
      .filter((node) => cluster.gateway(host, podOf(node)) !== addressOf(node))
      .map((node) => `${host.name} has no route to ${blockOf(node)}`),
  );
}

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

  test('lose no route while a node is killed and comes back within its restart time', () => {
    const { cluster, nodes } = build(3);
    cluster.clock.runUntil(() => missing(cluster, nodes).length === 0, 60_000);
    const [victim] = nodes;
    if (victim === undefined) throw new Error('no node');
    const losses: string[] = [];
    const watch = (): void => {
      losses.push(...missing(cluster, nodes));
      cluster.clock.setTimer('watch', 100, watch);
    };
    watch();
    cluster.kill(victim);
    cluster.clock.advance(20_000);
    cluster.start(victim);
    cluster.clock.advance(120_000);
    expect(losses).toEqual([]);
    expect(cluster.established).toBe(true);
  });

  test('lose no route while the reflector is killed and comes back', () => {
    const { cluster, nodes } = build(4);
    cluster.clock.runUntil(() => missing(cluster, nodes).length === 0, 60_000);
    const reflector = cluster.hosts.get('reflector');
    if (reflector === undefined) throw new Error('no reflector');
    const losses: string[] = [];
    const watch = (): void => {
      losses.push(...missing(cluster, nodes));
      cluster.clock.setTimer('watch', 100, watch);
    };
    watch();
    cluster.kill(reflector);
    cluster.clock.advance(20_000);
    cluster.start(reflector);
    cluster.clock.advance(120_000);
    expect(losses).toEqual([]);
    expect(cluster.established).toBe(true);
  });
});
