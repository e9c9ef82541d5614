import { afterAll, beforeAll, describe } from 'vitest';
import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { KubernetesDatastore } from '../../../src/datastore/kubernetes/kubernetes-datastore.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { type BenchOptions, describeNetworkDatastore, type NetworkBench } from '../conformance.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { binaries, RealApiServer } from './real-api-server.ts';
import { TLS } from './recordings.ts';

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
});
