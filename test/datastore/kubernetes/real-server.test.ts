import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { NODE_STATUSES } from '../../../src/datastore/kubernetes/kinds.ts';
import { KubernetesDatastore } from '../../../src/datastore/kubernetes/kubernetes-datastore.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { type BenchOptions, describeNetworkDatastore, type NetworkBench } from '../conformance.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { binaries, RealApiServer } from './real-api-server.ts';
import { TLS } from './recordings.ts';

const STATUSES = '/apis/crd.projectcalico.org/v1/caliconodestatuses';
const PEERS = '/apis/crd.projectcalico.org/v1/bgppeers';
const found = binaries();
const reason =
  found === undefined ? ' (TEST_ASSET_KUBE_APISERVER and TEST_ASSET_ETCD name no binaries)' : '';

describe.skipIf(found === undefined)(`with a real API server${reason}`, () => {
  let server: RealApiServer;

  beforeAll(async () => {
    if (found !== undefined) server = await RealApiServer.start(found);
  }, 120_000);
  afterAll(() => server.stop(), 60_000);

  async function put(name: string, spec: unknown): Promise<void> {
    const body = { apiVersion: 'crd.projectcalico.org/v1', kind: 'BGPPeer', spec };
    const created = await server.ask('POST', PEERS, { ...body, metadata: { name } });
    if (created.status !== 409) return;
    const { text } = await server.ask('GET', `${PEERS}/${name}`);
    const { metadata } = JSON.parse(text) as { metadata: object };
    await server.ask('PUT', `${PEERS}/${name}`, { ...body, metadata });
  }

  async function bench({ clock, lostAfter }: BenchOptions): Promise<NetworkBench> {
    await server.ask('DELETE', PEERS);
    const proxy = await TcpProxy.to(server.port);
    const access = fileAccess({
      server: `https://127.0.0.1:${proxy.port}`,
      caFile: TLS.cert,
      tokenFile: server.tokenFile,
    });
    const timing = { patience: 3000, quiet: 3000, lostAfter };
    return {
      datastore: new KubernetesDatastore({ access, clock, random: seededRandom(3), timing }),
      proxy,
      put: async (...resources) => {
        for (const { metadata, spec } of resources) await put(metadata.name, spec);
      },
      delete: async (...names) => {
        for (const name of names) await server.ask('DELETE', `${PEERS}/${name}`);
      },
      damage: (name) => put(name, []),
      forget: () => server.restart(),
      end: async () => proxy.close(),
    };
  }

  describeNetworkDatastore('the Kubernetes datastore', bench);

  test('takes the status of a CalicoNodeStatus', async () => {
    const kind = { apiVersion: 'crd.projectcalico.org/v1', kind: 'CalicoNodeStatus' };
    const spec = { node: 'one', classes: ['BGP'], updatePeriodSeconds: 10 };
    await server.ask('POST', STATUSES, { ...kind, metadata: { name: 'mine' }, spec });
    const store = new KubernetesDatastore({
      access: fileAccess({
        server: `https://127.0.0.1:${server.port}`,
        caFile: TLS.cert,
        tokenFile: server.tokenFile,
      }),
      clock: processClock,
      random: seededRandom(3),
      kinds: [NODE_STATUSES],
    });
    await store.putStatus('mine', { bgp: { numberEstablishedV4: 1 } });
    await store.putStatus('mine', { agent: {} });
    store.stop();
    const { text } = await server.ask('GET', `${STATUSES}/mine`);
    const status = { bgp: { numberEstablishedV4: 1 }, agent: {} };
    expect(JSON.parse(text)).toMatchObject({ spec, status });
  });
});
