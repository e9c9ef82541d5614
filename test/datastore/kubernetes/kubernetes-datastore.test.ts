import { describe, expect, test } from 'vitest';
import { GENEROUS, node, peer, World } from './world.ts';

describe('the Kubernetes API', () => {
  const world = new World();

  test('is read whole, then followed', async () => {
    await world.start();
    expect(world.listener.all().at(-1)).toBe('synchronised');
    expect([...world.listener.objects.keys()].sort()).toEqual(['BGPPeer//tor', 'Node//a']);
    await world.watching();
    world.api.store.put('bgppeers', peer('tor', 65002));
    world.api.store.put('nodes', node('b', '10.0.0.2/24'));
    world.api.store.delete('nodes', 'a');
    await world.told('delete Node//a');
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65002);
    expect([...world.listener.objects.keys()].sort()).toEqual(['BGPPeer//tor', 'Node//b']);
  });

  test('lists in pages, and anew when the list expires between two of them', async () => {
    for (let i = 0; i < 600; i++)
      world.api.store.put('nodes', node(`n${i}`, `10.0.${i >> 8}.${i & 255}/16`));
    let pages = 0;
    world.api.betweenPages = () => {
      pages++;
      if (pages > 1) return;
      world.api.store.delete('nodes', 'n0');
      world.api.store.compact();
    };
    await world.start();
    expect(pages).toBe(1);
    expect(world.listener.objects.size).toBe(601);
    expect(world.listener.objects.has('Node//n0')).toBe(false);
  });

  test('tells of a thousand Nodes that come at once, each once', async () => {
    await world.start();
    await world.watching();
    const names = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    for (const [i, name] of names.entries())
      world.api.store.put('nodes', node(name, `10.0.${i >> 8}.${i & 255}/16`));
    await expect.poll(() => world.listener.objects.size, GENEROUS).toBe(1002);
    expect(world.listener.all().filter((line) => line.startsWith('put Node//n'))).toEqual(
      names.map((name) => `put Node//${name}`),
    );
    expect(world.listener.count('lost sync')).toBe(0);
  });

  test('is asked only for what calico-node may list and watch', async () => {
    await world.start();
    await world.watching();
    const asked = new Set(
      world.api.requests.map((path) => {
        const { pathname, searchParams } = new URL(path, world.api.url);
        return `${searchParams.has('watch') ? 'watch' : 'get'} ${pathname}`;
      }),
    );
    const calico = ['ippools', 'bgpconfigurations', 'bgppeers', 'bgpfilters', 'blockaffinities'];
    const kinds = ['/api/v1/nodes', ...calico.map((at) => `/apis/crd.projectcalico.org/v1/${at}`)];
    expect([...asked].sort()).toEqual(
      ['get /apis', ...kinds.map((at) => `get ${at}`), ...kinds.map((at) => `watch ${at}`)].sort(),
    );
    world.store?.need([
      { kind: 'Service' },
      { kind: 'EndpointSlice' },
      { kind: 'Secret', namespace: 'kube-system', name: '../nodes?x=1&y' },
    ]);
    world.api.requests.length = 0;
    await world.told('synchronised', 2);
    await expect.poll(() => world.api.watched.length, GENEROUS).toBe(9);
    const places = world.api.requests.map((path) => path.replace(/[&?](?:limit|watch)=.*/, ''));
    expect([...new Set(places)].sort()).toEqual([
      '/api/v1/namespaces/kube-system/secrets?fieldSelector=metadata.name%3D..%2Fnodes%3Fx%3D1%26y',
      '/api/v1/services',
      '/apis/discovery.k8s.io/v1/endpointslices',
    ]);
  });

  test('uses its connections again', async () => {
    await world.start();
    await world.watching();
    for (let i = 1; i < 6; i++) {
      const asked = world.api.requests.length;
      world.api.endWatches();
      await expect
        .poll(() => world.api.requests.length, GENEROUS)
        .toBeGreaterThanOrEqual(asked + 6);
      await world.watching();
    }
    expect(world.api.requests.length).toBeGreaterThan(35);
    expect(world.api.connections).toBeLessThan(15);
  });

  test('asks for bookmarks and resumes from them', async () => {
    await world.start();
    await world.watching();
    for (let i = 0; i < 5; i++) world.api.store.put('nodes', node(`n${i}`, '10.0.0.7/24'));
    world.api.bookmark('bgppeers');
    await world.told('put Node//n4');
    const { version } = world.api.store;
    world.api.requests.length = 0;
    world.api.endWatches();
    const find = (): string => world.api.requests.find((path) => path.includes('bgppeers')) ?? '';
    await expect.poll(find, GENEROUS).not.toBe('');
    const resumed = find();
    expect(resumed).toContain('allowWatchBookmarks=true');
    expect(resumed).toContain(`resourceVersion=${version}`);
  });

  test('is left alone for good after stop', async () => {
    await world.start();
    await world.watching();
    world.listener.all();
    const before = world.listener.lines.length;
    world.store?.stop();
    await expect.poll(() => world.api.watched.length, GENEROUS).toBe(0);
    const asked = world.api.requests.length;
    world.api.store.put('bgppeers', peer('tor', 65002));
    world.api.cut();
    await new Promise((resolve) => world.clock.setTimer('settle', 100, () => resolve(undefined)));
    expect(world.listener.all()).toHaveLength(before);
    expect(world.api.requests).toHaveLength(asked);
  });

  test('is left alone after a stop in the middle of the first list', async () => {
    world.api.stalled = true;
    world.open().start(world.listener);
    await expect.poll(() => world.api.connections, GENEROUS).toBeGreaterThan(0);
    world.store?.stop();
    await new Promise((resolve) => world.clock.setTimer('settle', 50, () => resolve(undefined)));
    expect(world.listener.all()).toEqual([]);
  });
});
