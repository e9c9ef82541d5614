import { describe, expect, test } from 'vitest';
import type { Resource } from '../../src/datastore/datastore.ts';
import { calico, node, nodes, World } from './world.ts';

const SECOND = 1_000;
const mesh = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `Mesh_10_0_0_${from + index}`);

const externalPeers = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, index) =>
    calico('BGPPeer', `rack-${index}`, { peerIP: `172.16.0.${index + 1}`, asNumber: 65_000 }),
  );

const noMesh = calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false });

function meshOf(count: number, options: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(options);
  world.synchronise(...nodes(count));
  return world;
}

describe('what vanishes at once', () => {
  test('stays in force when it is half of the Nodes, and is told', () => {
    const world = meshOf(10);
    world.delete(...nodes(10).slice(5));
    expect(world.peers).toEqual([...mesh(10, 10), ...mesh(2, 9)]);
    expect(world.agent.status.held).toMatchObject({ reason: '5 of 10 Nodes vanished' });
    expect(world.agent.status.held?.objects).toHaveLength(5);
    expect(world.log.entries.at(-1)).toMatchObject({ level: 'error', objects: 5 });
  });

  test('goes when it is less than half', () => {
    const world = meshOf(10);
    world.delete(...nodes(10).slice(6));
    expect(world.peers).toEqual(mesh(2, 6));
    expect(world.agent.status.held).toBeUndefined();
  });

  test('stays with the own Node, which would have frozen everything', () => {
    const world = meshOf(10);
    world.delete(...nodes(10));
    world.put(node(11));
    expect(world.peers).toContain('Mesh_10_0_0_11');
    expect(world.peers).toHaveLength(10);
  });

  test('takes the pools, blocks, filters and Secrets of that minute with it', () => {
    const world = new World();
    const pool = calico('IPPool', 'pods', { cidr: '10.1.0.0/16' });
    const block = calico('BlockAffinity', 'node-1-10-1-0-0-26', {
      state: 'confirmed',
      node: 'node-1',
      cidr: '10.1.0.0/26',
    });
    world.synchronise(...nodes(4), pool, block);
    const before = world.applied.at(-1);
    expect(before?.networks).toHaveLength(1);
    world.delete(pool, block, ...nodes(4).slice(1));
    expect(world.applied.at(-1)).toEqual(before);
  });

  test('counts when it adds up within a minute, and comes back into force', () => {
    const world = meshOf(10);
    for (const gone of nodes(10).slice(5)) {
      world.delete(gone);
      world.clock.advance(10 * SECOND);
    }
    expect(world.peers).toHaveLength(9);
    expect(world.agent.status.held?.objects).toHaveLength(5);
  });

  test('does not count when it takes longer than a minute', () => {
    const world = meshOf(10);
    for (const gone of nodes(10).slice(2)) {
      world.delete(gone);
      world.clock.advance(30 * SECOND);
    }
    expect(world.peers).toEqual(mesh(2, 2));
  });
});

describe('small clusters', () => {
  test.each([
    [3, 2],
    [4, 2],
    [2, 1],
    [5, 2],
  ])('of %i Nodes may lose %i at once', (count, gone) => {
    const world = meshOf(count);
    world.delete(...nodes(count).slice(count - gone));
    expect(world.peers).toHaveLength(count - gone - 1);
    expect(world.agent.status.held).toBeUndefined();
  });

  test('of both families are not twice as large', () => {
    const world = new World();
    const dual = nodes(3).map((plain, index) => ({
      ...plain,
      spec: {
        bgp: { ipv4Address: `10.0.0.${index + 1}/24`, ipv6Address: `fd00::${index + 1}/64` },
      },
    }));
    world.synchronise(...dual);
    expect(world.peers).toHaveLength(4);
    world.delete(...dual.slice(1));
    expect(world.peers).toEqual([]);
  });

  test.each([2, 3])('of %i Nodes may not lose all of them', (count) => {
    const world = meshOf(count);
    world.delete(...nodes(count));
    world.put(calico('BGPPeer', 'rack', { peerIP: '172.16.0.1', asNumber: 65_000 }));
    expect(world.peers).toHaveLength(count);
  });
});

describe('peers', () => {
  test('stay when the objects behind half of them vanish, though the Nodes are there', () => {
    const world = new World();
    world.synchronise(...nodes(3), noMesh, ...externalPeers(6));
    world.delete(...externalPeers(6).slice(2));
    expect(world.peers).toHaveLength(6);
    expect(world.agent.status.held?.reason).toBe(
      'objects behind 4 of 6 ipv4-unicast peers vanished',
    );
  });

  test('change wholesale when a person edits: a mesh becomes clients of two reflectors', () => {
    const world = meshOf(40);
    const reflectors = [101, 102].map((number) =>
      calico('BGPPeer', `reflector-${number}`, { peerIP: `10.0.0.${number}`, asNumber: 64_512 }),
    );
    world.put(noMesh, ...reflectors);
    expect(world.peers).toEqual(['Global_10_0_0_101', 'Global_10_0_0_102']);
    world.put(calico('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: true }));
    world.delete(...reflectors);
    expect(world.peers).toHaveLength(39);
    expect(world.agent.status.held).toBeUndefined();
  });

  test('change wholesale while some other object happens to be deleted', () => {
    const world = meshOf(40);
    world.delete(node(40));
    world.put(noMesh);
    expect(world.peers).toEqual([]);
    expect(world.agent.status.held).toBeUndefined();
  });

  test('go when reflectors are replaced by others', () => {
    const world = new World();
    const [first, second, third, fourth] = externalPeers(4) as [
      Resource,
      Resource,
      Resource,
      Resource,
    ];
    world.synchronise(...nodes(3), noMesh, first, second);
    world.put(third, fourth);
    world.delete(first, second);
    expect(world.peers).toHaveLength(2);
    expect(world.agent.status.held).toBeUndefined();
  });
});

describe('while deletions are held back', () => {
  function holding(): World {
    const world = meshOf(10);
    world.delete(...nodes(10).slice(4));
    expect(world.agent.status.held?.objects).toHaveLength(6);
    return world;
  }

  test('whatever exists is taken as it is', () => {
    const world = holding();
    world.put(node(20), node(2, '10.0.0.200'));
    expect(world.peers).toContain('Mesh_10_0_0_20');
    expect(world.peers).toContain('Mesh_10_0_0_200');
    expect(world.peers).not.toContain('Mesh_10_0_0_2');
    world.put(calico('BGPConfiguration', 'default', { asNumber: 65_001 }));
    expect(world.applied.at(-1)?.asn).toBe(65_001);
  });

  test('a live object goes before one that is only remembered', () => {
    const world = holding();
    const renamed = calico('Node', 'zebra', {
      bgp: { ipv4Address: '10.0.0.7/24', asNumber: 65_007 },
    });
    world.put(renamed);
    const peer = world.applied.at(-1)?.peers.find(({ address }) => address === '10.0.0.7');
    expect(peer?.asn).toBe(65_007);
    expect(world.agent.status.held?.objects).not.toContain('Node//node-7');
  });

  test('further deletions wait as well', () => {
    const world = holding();
    world.clock.advance(600 * SECOND);
    world.delete(node(4));
    expect(world.peers).toContain('Mesh_10_0_0_4');
  });

  test('a Node that returns without its addresses has not returned', () => {
    const world = holding();
    world.put(calico('Node', 'node-7'));
    expect(world.peers).toContain('Mesh_10_0_0_7');
    expect(world.agent.status.held?.objects).toContain('Node//node-7');
  });

  test('all of them must return, and then it is over', () => {
    const world = holding();
    world.put(...nodes(9).slice(4));
    expect(world.agent.status.held?.objects).toEqual(['Node//node-10']);
    world.put(node(10));
    expect(world.agent.status.held).toBeUndefined();
    expect(world.messages.at(-1)).toBe('nothing is missing any more');
    world.delete(node(10));
    expect(world.peers).not.toContain('Mesh_10_0_0_10');
  });

  test('a person may accept them', () => {
    const world = holding();
    expect(world.agent.acceptDeletions()).toMatchObject({ accepted: { length: 6 } });
    world.clock.advance(1);
    expect(world.peers).toEqual(mesh(2, 4));
    expect(world.agent.status.held).toBeUndefined();
    expect(world.agent.acceptDeletions()).toEqual({ accepted: [] });
  });

  test('nobody may accept them while the datastore is out of sync', () => {
    const world = holding();
    world.listener.lostSync('connection refused');
    expect(world.agent.acceptDeletions()).toEqual({
      refused: 'the datastore is not in sync: connection refused',
    });
    expect(world.peers).toHaveLength(9);
  });
});

describe('a datastore that comes back empty', () => {
  test('after it was out of sync for long changes nothing', () => {
    const world = meshOf(10);
    world.listener.lostSync('connection refused');
    for (const gone of nodes(10)) world.listener.delete(`Node//${gone.metadata.name}`);
    world.clock.advance(600 * SECOND);
    world.listener.synchronised();
    world.clock.advance(1);
    expect(world.peers).toHaveLength(9);
    expect(world.agent.status.held?.objects).toHaveLength(10);
  });

  test('is followed when it fills again', () => {
    const world = meshOf(10);
    world.delete(...nodes(10));
    world.clock.advance(600 * SECOND);
    world.put(...nodes(12));
    expect(world.peers).toHaveLength(11);
    expect(world.agent.status.held).toBeUndefined();
  });
});

test('the share can be set, and the guard switched off', () => {
  const strict = meshOf(10, { guard: 0.3 });
  strict.delete(...nodes(10).slice(7));
  expect(strict.peers).toHaveLength(9);
  const off = meshOf(10, { guard: 'off' });
  off.delete(...nodes(10).slice(1));
  expect(off.peers).toEqual([]);
});
