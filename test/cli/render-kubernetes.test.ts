import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import { StandIn } from '../datastore/kubernetes/stand-in.ts';
import { FakeIo } from './fake-io.ts';

describe('bengal render on a Kubernetes API server', () => {
  let io: FakeIo;
  let api: StandIn;

  beforeEach(async () => {
    api = await new StandIn().listen();
    io = new FakeIo();
    io.env = { DATASTORE_TYPE: 'kubernetes', K8S_API_ENDPOINT: api.url };
    for (const [name, address] of Object.entries({ one: '10.0.0.1/24', two: '10.0.0.2/24' }))
      api.store.put('nodes', {
        metadata: { name, annotations: { 'projectcalico.org/IPv4Address': address } },
      });
  });
  afterEach(() => api.close());

  const render = (): Promise<number> =>
    runCommandLine(['render', '--node', 'one', '-o', 'json'], io);

  test('prints what is derived from it', async () => {
    expect(await render()).toBe(0);
    expect(JSON.parse(io.out)).toMatchObject({
      routerId: '10.0.0.1',
      peers: [{ address: '10.0.0.2' }],
    });
    expect(io.complaints).toEqual([]);
  });

  test('reads also the Secret that a peering names', async () => {
    const password = { secretKeyRef: { name: 'bgp', key: 'password' } };
    api.store.put('bgppeers', {
      metadata: { name: 'tor' },
      spec: { peerIP: '10.0.0.254', asNumber: 65001, password },
    });
    api.store.put('secrets', {
      metadata: { name: 'bgp', namespace: 'kube-system' },
      data: { password: Buffer.from('hush').toString('base64') },
    });
    expect(await render()).toBe(0);
    expect(io.complaints).toEqual([]);
    expect(io.out).toContain('redacted');
    expect(io.out).not.toContain('hush');
  });

  test('tells what it may not read', async () => {
    api.groups = ['discovery.k8s.io/v1'];
    expect(await render()).toBe(2);
    expect(io.complaints).toHaveLength(5);
    expect(io.complaints[0]).toMatch(/the API server does not know this kind/);
  });
});
