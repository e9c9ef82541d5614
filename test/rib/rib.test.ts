import { describe, expect, test } from 'vitest';
import { CLUSTER_ID, World } from './support.ts';

const ALL = { family: undefined, peer: undefined, filtered: false, prefix: undefined } as const;

describe('a route reflector', () => {
  test('sends a client what another client announced, but never its own routes', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce(['10.1.0.0/26', '10.1.0.64/26']);
    world.settle();
    expect(b.held).toEqual(['10.1.0.0/26', '10.1.0.64/26']);
    expect(a.held).toEqual([]);
    expect(b.table.get('10.1.0.0/26')).toMatchObject({
      originatorId: a.session.remoteId,
      clusterList: [CLUSTER_ID],
      localPref: 100,
    });
  });

  test('withdraws what is withdrawn', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce(['10.1.0.0/26', '10.1.0.64/26']);
    world.settle();
    a.withdraw(['10.1.0.0/26']);
    world.settle();
    expect(b.held).toEqual(['10.1.0.64/26']);
    expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 1, paths: 1 });
  });

  test('sends End-of-RIB behind the routes to whoever joins late', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce(['10.1.0.0/26']);
    world.settle();
    const b = world.peer('b');
    world.settle();
    expect(a.log).toEqual(['end']);
    expect(b.log).toEqual(['+10.1.0.0/26', 'end']);
  });

  test('forgets the routes of a peer that goes', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce(['10.1.0.0/26']);
    world.settle();
    a.rib.down([]);
    world.settle();
    expect(b.held).toEqual([]);
    expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 0, paths: 0 });
    expect(world.rib.records.count).toBe(0);
    expect(world.rib.idle).toBe(true);
  });
});

describe('the path identifier of a route', () => {
  const shown = (world: World): (number | undefined)[] =>
    [...world.rib.routes({ ...ALL, view: 'in' })].map(({ pathId }) => pathId);

  test('is shown where the session has add-path, also 0', () => {
    const world = new World();
    const a = world.peer('a', { addPathReceive: true });
    a.announce(['10.1.0.0/26'], {}, 0);
    expect(shown(world)).toEqual([0]);
    a.withdraw(['10.1.0.0/26'], 0);
    a.announce(['10.1.0.0/26'], {}, 7);
    expect(shown(world)).toEqual([7]);
  });

  test('is shown of the stale routes of a session that is over', () => {
    const world = new World();
    const a = world.peer('a', { addPathReceive: true });
    a.announce(['10.1.0.0/26'], {}, 0);
    a.announce(['10.1.0.0/26'], {}, 7);
    a.rib.down(['ipv4-unicast']);
    world.settle();
    expect(shown(world).sort()).toEqual([0, 7]);
    a.rib.up({ ...a.session, receive: a.session.send });
    a.announce(['10.1.0.0/26']);
    expect(shown(world)).toEqual(expect.arrayContaining([undefined, 7]));
  });

  test('is none without add-path', () => {
    const world = new World();
    world.peer('a').announce(['10.1.0.0/26']);
    expect(shown(world)).toEqual([undefined]);
  });
});
