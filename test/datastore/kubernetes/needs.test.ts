import { describe, expect, test } from 'vitest';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { NoApiServer } from '../../../src/datastore/kubernetes/no-api-server.ts';
import { StandIn, status } from './stand-in.ts';
import type { Written } from './stand-in-store.ts';
import { GENEROUS, World } from './world.ts';

const SECRET = { kind: 'Secret', namespace: 'kube-system', name: 'bgp' } as const;

const secret = (name: string, text: string): Written => ({
  metadata: { name, namespace: 'kube-system' },
  data: { password: Buffer.from(text).toString('base64') },
});

const slice = (name: string, ready: boolean, address: string): Written => ({
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address], nodeName: 'a', conditions: { ready } }],
  ports: [],
});

describe('what a derivation asks for', () => {
  const world = new World();
  const keys = (): readonly string[] => [...world.listener.objects.keys()].sort();
  const own = ['BGPPeer//tor', 'Node//a'];

  test('is not read before, and waited for when it is', async () => {
    world.api.store.put('secrets', secret('bgp', 'one'));
    world.api.store.put('secrets', secret('other', 'two'));
    await world.start();
    expect(keys()).toEqual(own);
    world.store?.need([SECRET]);
    expect(world.listener.count('lost sync')).toBe(1);
    await world.told('synchronised', 2);
    expect(keys()).toEqual([...own, 'Secret/kube-system/bgp']);
    world.store?.need([SECRET]);
    expect(world.listener.count('lost sync')).toBe(1);
    const only = '/api/v1/namespaces/kube-system/secrets?fieldSelector=metadata.name%3Dbgp&';
    const asked = (): readonly string[] =>
      world.api.requests.filter((path) => path.includes('/secrets'));
    await expect.poll(() => asked().length, GENEROUS).toBe(2);
    expect(asked().filter((path) => !path.startsWith(only))).toEqual([]);
  });

  test('is given up when it is asked for no more', async () => {
    world.api.store.put('secrets', secret('bgp', 'one'));
    await world.start();
    world.store?.need([SECRET]);
    await world.told('put Secret/kube-system/bgp');
    world.store?.need([]);
    expect(keys()).toEqual(own);
    await expect.poll(() => world.api.watched.includes('secrets'), GENEROUS).toBe(false);
  });

  test('may be forbidden: that is said, and the rest stays in sync', async () => {
    const message = 'secrets "bgp" is forbidden';
    world.api.answers.set('secrets', { status: 403, body: status(403, 'Forbidden', message) });
    await world.start();
    world.store?.need([SECRET]);
    await world.told('synchronised', 2);
    await world.told(/^problem namespaces\/kube-system\/secrets\/bgp: .*may not list and watch/);
    expect(world.listener.count('lost sync')).toBe(1);
    world.api.store.put('secrets', secret('bgp', 'one'));
    world.api.answers.clear();
    await world.told('put Secret/kube-system/bgp');
    await world.told('resolved namespaces/kube-system/secrets/bgp');
  });

  test('are Services and EndpointSlices as far as their readiness goes', async () => {
    world.api.store.put('services', {
      metadata: { name: 'web', namespace: 'shop' },
      spec: { clusterIPs: ['10.96.0.7'], externalTrafficPolicy: 'Local' },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
    });
    world.api.store.put('endpointslices', slice('web-1', false, '10.1.0.1'));
    await world.start();
    world.store?.need([{ kind: 'Service' }, { kind: 'EndpointSlice' }]);
    await world.told('synchronised', 2);
    expect(world.listener.objects.get('Service/shop/web')).toMatchObject({
      apiVersion: 'v1',
      spec: { clusterIPs: ['10.96.0.7'] },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
    });
    await expect.poll(() => world.api.watched.includes('endpointslices'), GENEROUS).toBe(true);
    world.api.store.put('endpointslices', slice('web-1', false, '10.1.0.2'));
    world.api.store.put('endpointslices', slice('web-2', true, '10.1.0.3'));
    await world.told('put EndpointSlice/shop/web-2');
    expect(world.listener.count('put EndpointSlice/shop/web-1')).toBe(1);
    expect(world.listener.objects.get('EndpointSlice/shop/web-2')).toMatchObject({
      addressType: 'IPv4',
      endpoints: [{ nodeName: 'a', conditions: { ready: true } }],
    });
  });

  test('is forgotten with everything else at the stop', async () => {
    await world.start();
    world.store?.need([SECRET, { kind: 'Service' }]);
    world.store?.stop();
    world.store?.need([]);
    await expect.poll(() => world.api.watched.length, GENEROUS).toBe(0);
    const lines = world.listener.all().length;
    world.api.store.put('secrets', secret('bgp', 'one'));
    await new Promise((resolve) => world.clock.setTimer('settle', 50, () => resolve(undefined)));
    expect(world.listener.all()).toHaveLength(lines);
  });
});

describe('beside another datastore', () => {
  const world = new World();
  const start = async (timing = {}): Promise<void> => world.start({ kinds: [], timing });

  test('nothing is asked of the API server before something is needed', async () => {
    world.api.store.put('secrets', secret('bgp', 'one'));
    await start();
    expect(world.api.requests).toEqual([]);
    world.store?.need([SECRET]);
    await world.told('synchronised', 2);
    await expect.poll(() => world.api.watched, GENEROUS).toEqual(['secrets']);
    expect([...world.listener.objects.keys()]).toEqual(['Secret/kube-system/bgp']);
    expect(world.api.requests.every((path) => path.includes('/secrets?'))).toBe(true);
  });

  test('an API server that cannot be reached is not waited for much longer', async () => {
    const { port } = world.api;
    await world.api.close();
    world.open({
      access: fileAccess({ server: `http://127.0.0.1:${port}` }),
      kinds: [],
      timing: { wanted: 300 },
    });
    world.store?.start(world.listener);
    world.store?.need([{ kind: 'Service' }]);
    await world.told(/cannot be reached/);
    expect(world.listener.count('synchronised')).toBe(1);
    await world.told('synchronised', 2);
    world.api = new StandIn();
    world.api.store.put('services', { metadata: { name: 'web', namespace: 'shop' }, spec: {} });
    await world.api.listen(port);
    await world.told('put Service/shop/web');
    await world.told(`resolved http://127.0.0.1:${port}`);
    expect(world.listener.count('lost sync')).toBe(1);
  });

  test('one that says nothing is not either, and that is told', async () => {
    world.api.stalled = true;
    await start({ wanted: 20 });
    world.store?.need([{ kind: 'Service' }]);
    await world.told(/^problem services: the API server does not answer/);
    await world.told('synchronised', 2);
  });

  test('one that fails later takes nothing away', async () => {
    world.api.store.put('secrets', secret('bgp', 'one'));
    await start({ lostAfter: 20 });
    world.store?.need([SECRET]);
    await world.told('synchronised', 2);
    await expect.poll(() => world.api.watched, GENEROUS).toEqual(['secrets']);
    await world.api.close();
    await world.told(/cannot be reached/);
    expect([...world.listener.objects.keys()]).toEqual(['Secret/kube-system/bgp']);
    expect(world.listener.count('lost sync')).toBe(1);
  });

  test('without an API server what is needed counts as absent, and that is told once', () => {
    const beside = new NoApiServer();
    beside.start(world.listener);
    beside.need([]);
    expect(world.listener.all()).toEqual(['synchronised']);
    beside.need([SECRET, { kind: 'Service' }, { kind: 'EndpointSlice' }]);
    beside.need([{ kind: 'EndpointSlice' }, { ...SECRET, name: 'other' }, { kind: 'Service' }]);
    beside.need([]);
    expect(world.listener.all().slice(1)).toEqual([
      'problem Kubernetes API server: none is named, so that EndpointSlices, Secrets, Services count as absent (Set KUBECONFIG, or run in a pod)',
      'resolved Kubernetes API server',
    ]);
  });
});
