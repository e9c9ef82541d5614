import { fileAccess } from '../../../src/datastore/kubernetes/access.ts';
import { KubernetesDatastore } from '../../../src/datastore/kubernetes/kubernetes-datastore.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { type BenchOptions, describeNetworkDatastore, type NetworkBench } from '../conformance.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { StandIn } from './stand-in.ts';

async function standInBench({ clock, lostAfter }: BenchOptions): Promise<NetworkBench> {
  const api = await new StandIn().listen();
  const proxy = await TcpProxy.to(api.port);
  const access = fileAccess({ server: `http://127.0.0.1:${proxy.port}` });
  const timing = { patience: 1500, quiet: 1500, lostAfter };
  return {
    datastore: new KubernetesDatastore({ access, clock, random: seededRandom(3), timing }),
    proxy,
    put: async (...resources) => {
      for (const resource of resources) api.store.put('bgppeers', { ...resource });
    },
    delete: async (...names) => {
      for (const name of names) api.store.delete('bgppeers', name);
    },
    damage: async (name) => api.store.put('bgppeers', { metadata: { name }, spec: [] }),
    forget: async () => api.store.compact(),
    end: async () => {
      proxy.close();
      await api.close();
    },
  };
}

describeNetworkDatastore('the Kubernetes datastore', standInBench);
