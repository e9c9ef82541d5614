import { describe, expect, test } from 'vitest';
import { CLUSTER_ID, World } from './support.ts';

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
