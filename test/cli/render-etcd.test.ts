import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import { EtcdServer, NO_ETCD } from '../datastore/etcd/etcd-server.ts';
import { StandIn } from '../datastore/kubernetes/stand-in.ts';
import { temporaryFile } from '../datastore/kubernetes/temporary-file.ts';
import { calico } from '../datastore/objects.ts';
import { FakeIo } from './fake-io.ts';

const node = (name: string, ipv4Address: string): ReturnType<typeof calico> =>
  calico('Node', name, { bgp: { ipv4Address } });

describe('bengal render', () => {
  const io = new FakeIo();

  test.each([
    [{ DATASTORE_TYPE: 'etcdv3' }, []],
    [{}, ['--datastore', 'etcd']],
  ])('asks for the endpoints of etcd: %j %j', async (env, options) => {
    io.env = env;
    expect(await runCommandLine(['render', '--node', 'one', ...options], io)).toBe(1);
    expect(io.complaints.at(-1)).toContain('ETCD_ENDPOINTS');
  });
});

describe.skipIf(NO_ETCD !== undefined)(`bengal render on etcd (${NO_ETCD ?? 'found'})`, () => {
  let io: FakeIo;
  let server: EtcdServer;

  beforeEach(async () => {
    server = await EtcdServer.start();
    io = new FakeIo();
    await server.put(node('one', '10.0.0.1/24'), node('two', '10.0.0.2/24'));
  });
  afterEach(() => server.end());

  test.each([{ DATASTORE_TYPE: 'etcdv3' }, { DATASTORE_TYPE: 'etcd' }, { DATASTORE_TYPE: '' }])(
    'prints what is derived from it with %j',
    async (env) => {
      io.env = { ...env, ETCD_ENDPOINTS: `http://127.0.0.1:${server.port}` };
      expect(await runCommandLine(['render', '--node', 'one', '-o', 'json'], io)).toBe(0);
      expect(JSON.parse(io.out)).toMatchObject({
        routerId: '10.0.0.1',
        peers: [{ address: '10.0.0.2' }],
      });
      expect(io.complaints).toEqual([]);
    },
  );

  describe('that holds a password and asks for Services', () => {
    const render = (): Promise<number> =>
      runCommandLine(['render', '--node', 'one', '-o', 'json'], io);

    beforeEach(async () => {
      io.env = { ETCD_ENDPOINTS: `http://127.0.0.1:${server.port}` };
      const password = { secretKeyRef: { name: 'bgp', key: 'password' } };
      await server.put(
        calico('BGPPeer', 'tor', { peerIP: '10.0.0.254', asNumber: 65001, password }),
        calico('BGPConfiguration', 'default', {
          serviceLoadBalancerIPs: [{ cidr: '192.0.2.7/32' }],
        }),
      );
    });

    test('reads Secrets and Services from the API server of the kubeconfig', async () => {
      const api = await serving();
      try {
        io.env['KUBECONFIG'] = kubeconfigOf(api.url);
        expect(await render()).toBe(0);
        expect(io.complaints).toEqual([]);
        expect(JSON.parse(io.out)).toMatchObject({
          networks: [{ prefix: '192.0.2.7/32' }],
          peers: [{ password: { redacted: true } }, {}],
        });
        expect(io.out).not.toContain('hush');
        const asked = new Set(api.requests.map((path) => path.split('?')[0]));
        expect([...asked].sort()).toEqual([
          '/api/v1/namespaces/kube-system/secrets',
          '/api/v1/services',
          '/apis/discovery.k8s.io/v1/endpointslices',
        ]);
      } finally {
        await api.close();
      }
    });

    test('goes on without them where no API server is named, and says so', async () => {
      expect(await render()).toBe(2);
      expect(io.complaints[0]).toBe(
        'Kubernetes API server: none is named, so that EndpointSlices, Secrets, Services count as absent (Set KUBECONFIG, or run in a pod)',
      );
      expect(JSON.parse(io.out)).toMatchObject({ peers: [{ address: '10.0.0.254' }, {}] });
    });
  });
});

/** An API server with a Secret, and a Service of one endpoint on node `one`. */
async function serving(): Promise<StandIn> {
  const api = await new StandIn().listen();
  api.store.put('secrets', {
    metadata: { name: 'bgp', namespace: 'kube-system' },
    data: { password: Buffer.from('hush').toString('base64') },
  });
  api.store.put('services', {
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.7'],
      externalTrafficPolicy: 'Local',
      ipFamilies: ['IPv4'],
    },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
  });
  api.store.put('endpointslices', {
    metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.0.1'], nodeName: 'one', conditions: { ready: true } }],
    ports: [],
  });
  return api;
}

function kubeconfigOf(server: string): string {
  const file = temporaryFile('kubeconfig');
  const named = {
    clusters: [{ name: 'c', cluster: { server } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  };
  writeFileSync(
    file,
    JSON.stringify({ ...named, users: [{ name: 'u', user: {} }], 'current-context': 'x' }),
  );
  return file;
}
