import { describe, expect, test } from 'vitest';
import { readResource } from '../../../src/datastore/resources/read.ts';
import { GENEROUS, node, peer, World } from './world.ts';

describe('a cluster', () => {
  const world = new World();

  test('gives objects of the shape that the derivation reads', async () => {
    await world.start();
    const [a, tor] = ['Node//a', 'BGPPeer//tor'].map((key) => world.listener.objects.get(key));
    expect(a && readResource(a)).toMatchObject({ view: { kind: 'Node', name: 'a' }, problems: [] });
    expect(tor && readResource(tor)).toMatchObject({ view: { kind: 'BGPPeer' }, problems: [] });
    expect(tor?.apiVersion).toBe('projectcalico.org/v3');
  });

  test('gives our own annotations and Calico’s, and leaves those of others', async () => {
    const annotations = { 'bengal.dev/bfd': 'true', 'example.org/note': 'x'.repeat(1000) };
    world.api.store.put('bgppeers', peer('fast', 64_512, { annotations }));
    await world.start();
    const fast = world.listener.objects.get('BGPPeer//fast');
    expect(fast?.metadata.annotations).toEqual({ 'bengal.dev/bfd': 'true' });
    expect(fast && readResource(fast).view).toMatchObject({ annotated: { bfd: {} } });
  });

  test('gives nothing to do when a Node only reports that it is alive', async () => {
    await world.start();
    await world.watching();
    world.api.store.put(
      'nodes',
      node('a', '10.0.0.1/24', { status: { conditions: [{ type: 'Ready' }] } }),
    );
    world.api.store.put(
      'nodes',
      node('a', '10.0.0.1/24', { spec: { podCIDRs: ['10.1.0.0/24'], taints: [1] } }),
    );
    world.api.store.put('nodes', node('b', '10.0.0.2/24'));
    await world.told('put Node//b');
    expect(world.listener.count('put Node//a')).toBe(1);
    world.api.store.put('nodes', node('a', '10.0.0.9/24'));
    await world.told('put Node//a', 2);
  });

  test('without a kind of Calico counts as empty of it, until it comes', async () => {
    world.api.answers.set('bgpfilters', {
      status: 404,
      type: 'text/plain',
      body: '404 page not found\n',
    });
    await world.start();
    await world.told(/^problem bgpfilters: the API server does not know this kind/);
    expect(world.clock.pauses.every((pause) => pause >= 30_000)).toBe(true);
    world.api.store.put('bgpfilters', { metadata: { name: 'f' }, spec: { importV4: [] } });
    world.api.answers.clear();
    await world.told('put BGPFilter//f');
    await world.told('resolved bgpfilters');
    expect(world.listener.count('lost sync')).toBe(0);
  });

  test('has the native group where only that exists', async () => {
    world.api.groups = ['projectcalico.org/v3'];
    await world.start();
    expect(world.listener.objects.has('BGPPeer//tor')).toBe(true);
    expect(
      world.api.requests.some((path) => path.startsWith('/apis/projectcalico.org/v3/bgppeers')),
    ).toBe(true);
  });

  test('keeps what moves from one group to the other', async () => {
    await world.start();
    await world.watching();
    world.api.groups = ['projectcalico.org/v3'];
    world.api.cut();
    await expect
      .poll(() => world.api.requests.some((path) => path.includes('/v3/bgppeers?watch')), GENEROUS)
      .toBe(true);
    expect(world.listener.all().filter((line) => line.startsWith('delete'))).toEqual([]);
    world.api.store.put('bgppeers', peer('tor', 65009));
    await expect.poll(() => world.asnOf('tor'), GENEROUS).toBe(65009);
  });

  test('has the group of the CRDs where both exist, unless the other is asked for', async () => {
    world.api.groups = ['projectcalico.org/v3', 'crd.projectcalico.org/v1'];
    await world.start();
    expect(world.api.requests.some((path) => path.startsWith('/apis/projectcalico.org/'))).toBe(
      false,
    );
    world.store?.stop();
    await world.start({ group: 'projectcalico.org/v3' });
    await world.told('synchronised', 2);
    expect(world.api.requests.some((path) => path.startsWith('/apis/projectcalico.org/'))).toBe(
      true,
    );
  });

  test('shows the labels that Calico keeps in an annotation', async () => {
    const own = JSON.stringify({ name: 'x', labels: { rack: 'r1' }, annotations: { note: 'n' } });
    const annotations = { 'projectcalico.org/metadata': own };
    world.api.store.put(
      'bgppeers',
      peer('tor', 65001, { labels: { rack: 'r0', zone: 'z' }, annotations }),
    );
    world.api.store.put(
      'bgppeers',
      peer('odd', 65001, { annotations: { 'projectcalico.org/metadata': '[' } }),
    );
    await world.start();
    expect(world.listener.objects.get('BGPPeer//tor')?.metadata.labels).toEqual({
      rack: 'r1',
      zone: 'z',
    });
    await world.told(/^problem BGPPeer odd: annotation projectcalico.org\/metadata is no JSON/);
    expect(world.listener.objects.has('BGPPeer//odd')).toBe(true);
  });

  test('may hold an object that cannot be taken: it is absent, the others are not', async () => {
    world.api.store.put('bgppeers', { metadata: { name: 'bad' }, spec: [] as unknown as object });
    await world.start();
    await world.told(/^problem BGPPeer bad: spec of BGPPeer bad is no mapping/);
    expect(world.listener.objects.has('BGPPeer//tor')).toBe(true);
    await world.watching();
    world.api.store.put('bgppeers', peer('bad', 65003));
    await world.told('put BGPPeer//bad');
    await world.told('resolved BGPPeer bad');
    world.api.store.put('bgppeers', { metadata: { name: 'bad' }, spec: 3 });
    await world.told('delete BGPPeer//bad');
    world.api.store.delete('bgppeers', 'bad');
    await world.told('resolved BGPPeer bad', 2);
  });

  test('may set traps in labels and annotations: they stay plain text', async () => {
    const trap = JSON.parse('{"__proto__":"a","constructor":"b"}') as object;
    const own = `{"labels":{"__proto__":"c"},"annotations":{"__proto__":"d"}}`;
    const annotations = { ...trap, 'projectcalico.org/metadata': own };
    world.api.store.put('bgppeers', peer('tor', 65001, { labels: trap, annotations }));
    const huge = { 'projectcalico.org/metadata': '['.repeat(1024 * 1024) };
    world.api.store.put('bgppeers', peer('deep', 65001, { annotations: huge }));
    await world.start();
    const { labels = {} } = world.listener.objects.get('BGPPeer//tor')?.metadata ?? {};
    expect(Object.entries(labels)).toEqual([
      ['__proto__', 'c'],
      ['constructor', 'b'],
    ]);
    await world.told(/^problem BGPPeer deep: annotation projectcalico.org\/metadata is no JSON/);
    expect(world.listener.objects.get('BGPPeer//deep')?.metadata.annotations).toEqual({});
    expect(({} as { a?: string }).a).toBeUndefined();
  });

  test('may send a megabyte in small pieces, and keys that are traps', async () => {
    world.api.pieces = 2048;
    await world.start();
    await world.watching();
    const annotations = { huge: 'ü'.repeat(500_000) };
    const spec: unknown = JSON.parse('{"asNumber":65003,"__proto__":{"polluted":true}}');
    world.api.store.put('bgppeers', { metadata: { name: 'big', annotations }, spec });
    await world.told('put BGPPeer//big');
    expect(world.listener.objects.get('BGPPeer//big')?.metadata.annotations).toEqual({});
    expect(Object.keys(world.listener.objects.get('BGPPeer//big')?.spec ?? {})).toContain(
      '__proto__',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
