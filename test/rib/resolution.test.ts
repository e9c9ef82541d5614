import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { FibChange, FibReader } from '../../src/rib/types.ts';
import { addressOf, type Speaker, World } from './support.ts';

const P = '10.1.0.0/16';

const direct = (world: World, prefix = '10.0.0.0/24', name = 'eth0'): void =>
  world.local(`direct ${prefix}`, prefix, { source: 'direct', interface: name, announce: false });

/** What a FIB reader hands out now, in one line each. */
function changes(reader: FibReader): readonly string[] {
  const lines: string[] = [];
  for (let change = reader.next(); change; change = reader.next()) lines.push(line(change));
  return lines.sort();
}

function line(change: FibChange): string {
  const prefix = formatPrefix(change.prefix);
  if (change.type === 'none') return `${prefix} none`;
  const { local, nextHops } = change.route;
  if (local !== undefined) return `${prefix} ${local.source}`;
  const hops = nextHops.map((hop) => `${hop.nextHop} via ${hop.gateway} ${hop.interface}`);
  return `${prefix} ${hops.join(' + ')}`;
}

describe('next-hop resolution', () => {
  test('a path counts once a local route leads to its next hop, and no longer than that', () => {
    const world = new World({ resolveAll: false });
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P]);
    world.settle();
    expect(world.routes()).toMatchObject([{ state: 'unresolved', reason: 'next-hop-unresolved' }]);
    direct(world);
    world.settle();
    expect(b.held).toEqual([P]);
    world.rib.removeLocal('direct 10.0.0.0/24');
    world.settle();
    expect(b.held).toEqual([]);
  });

  test('prefers the next hop that is attached to one behind a gateway', () => {
    const world = new World({ resolveAll: false });
    direct(world);
    world.local('far', '10.8.0.0/16', { gateway: addressOf('10.0.0.254'), announce: false });
    const a = world.peer('a', { id: 1 });
    const b = world.peer('b', { id: 2 });
    a.announce([P], { nextHop: addressOf('10.8.0.1') });
    b.announce([P], { nextHop: addressOf('10.0.0.7') });
    world.settle();
    expect(world.best()).toContain(`${P} b`);
    expect(world.routes().find(({ state }) => state === 'candidate')).toMatchObject({
      reason: 'igp-metric',
    });
  });

  test('a blackhole leads nowhere', () => {
    const world = new World({ resolveAll: false });
    world.local('hole', '10.0.0.0/8', { type: 'blackhole' });
    world.peer('a').announce([P]);
    world.settle();
    expect(world.best()).toEqual(['10.0.0.0/8 local']);
  });

  test('never resolves through a BGP route', () => {
    const world = new World({ resolveAll: false });
    direct(world);
    const a = world.peer('a');
    a.announce([P]);
    a.announce(['10.2.0.0/16'], { nextHop: addressOf('10.1.0.1') });
    world.settle();
    expect(world.routes().find(({ state }) => state === 'unresolved')).toBeDefined();
  });
});

describe('a FIB reader', () => {
  const connected = (): { world: World; peers: readonly Speaker[] } => {
    const world = new World({ resolveAll: false });
    direct(world);
    const peers = [1, 2].map((id) => world.peer(`p${id}`, { id }));
    return { world, peers };
  };

  test('begins with the table and then hears of changes, with equal paths together', () => {
    const { world, peers } = connected();
    peers[0]?.announce([P], { nextHop: addressOf('10.0.0.7') });
    world.settle();
    let woken = 0;
    const reader = world.rib.openFibReader(() => woken++);
    expect(changes(reader)).toEqual(['10.0.0.0/24 direct', `${P} 10.0.0.7 via 10.0.0.7 eth0`]);
    const before = woken;
    peers[1]?.announce([P], { nextHop: addressOf('10.0.0.8') });
    world.settle();
    expect(woken).toBe(before + 1);
    expect(changes(reader)).toEqual([
      `${P} 10.0.0.7 via 10.0.0.7 eth0 + 10.0.0.8 via 10.0.0.8 eth0`,
    ]);
    peers[0]?.withdraw([P]);
    peers[1]?.withdraw([P]);
    world.settle();
    expect(changes(reader)).toEqual([`${P} none`]);
    expect(world.rib.sizes()[0]?.prefixes).toBe(1);
    reader.rescan();
    expect(changes(reader)).toEqual(['10.0.0.0/24 direct']);
  });

  test('a prefix that changes twice is handed out once', () => {
    const { world, peers } = connected();
    world.settle();
    const reader = world.rib.openFibReader(() => {});
    changes(reader);
    peers[0]?.announce([P]);
    world.settle();
    peers[0]?.withdraw([P]);
    world.settle();
    peers[0]?.announce([P], { nextHop: addressOf('10.0.0.3') });
    world.settle();
    expect(changes(reader)).toEqual([`${P} 10.0.0.3 via 10.0.0.3 eth0`]);
  });

  test('hands out nothing while the selection is deferred', () => {
    const { world, peers } = connected();
    world.rib.defer();
    const reader = world.rib.openFibReader(() => {});
    peers[0]?.announce([P]);
    world.settle();
    expect(reader.next()).toBeUndefined();
    world.rib.release();
    world.settle();
    expect(changes(reader)).toHaveLength(2);
  });

  test('leaves nothing behind when it is closed', () => {
    const { world, peers } = connected();
    const reader = world.rib.openFibReader(() => {});
    peers[0]?.announce([P]);
    world.settle();
    reader.close();
    peers[0]?.withdraw([P]);
    world.rib.removeLocal('direct 10.0.0.0/24');
    world.settle();
    expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 0, paths: 0 });
  });
});

describe('the decision', () => {
  const winner = (first: Parameters<Speaker['announce']>[1], second: typeof first): string => {
    const world = new World();
    const a = world.peer('a', { id: 1, address: '10.9.0.1' });
    const b = world.peer('b', { id: 2, address: '10.9.0.2' });
    a.announce([P], first);
    b.announce([P], second);
    world.settle();
    const best = world.routes().find(({ state }) => state === 'best');
    return `${best?.peer} ${best?.reason}`;
  };
  const path = (...asns: number[]) => [{ type: 'sequence' as const, asns }];

  test.each([
    ['b local-pref', { localPref: 99 }, { localPref: 100 }],
    ['b as-path-length', { asPath: path(1, 2) }, { asPath: path(3) }],
    ['b origin', { origin: 'egp' as const }, { origin: 'igp' as const }],
    ['b med', { asPath: path(1), med: 2 }, { asPath: path(1), med: 1 }],
    ['a router-id', { asPath: path(1), med: 2 }, { asPath: path(2), med: 1 }],
    ['b router-id', { originatorId: 9 }, { originatorId: 8 }],
    [
      'b cluster-list-length',
      { originatorId: 9, clusterList: [1, 2] },
      { originatorId: 9, clusterList: [1] },
    ],
    ['a peer-address', { originatorId: 9 }, { originatorId: 9 }],
  ])('%s', (expected, first, second) => {
    expect(winner(first, second)).toBe(expected);
  });

  test('a route of this machine wins by preference, or loses by it', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce([P, '10.2.0.0/16']);
    world.local('static', P);
    world.local('kernel', '10.2.0.0/16', { source: 'kernel', metric: 0 });
    world.settle();
    expect(world.best()).toEqual([`${P} local`, '10.2.0.0/16 a']);
    world.rib.setPreferences({ direct: 240, static: 20, bgp: 100, kernel: 10 });
    world.settle();
    expect(world.best()).toEqual([`${P} a`, '10.2.0.0/16 a']);
  });

  test('external paths go before internal ones', () => {
    const world = new World();
    const a = world.peer('a', { id: 1 });
    const e = world.peer('e', { id: 2, kind: 'ebgp', asn: 65001 });
    a.announce([P], { asPath: path(65001) });
    e.announce([P], { asPath: path(65001), localPref: undefined });
    world.settle();
    expect(world.best()).toEqual([`${P} e`]);
  });
});
