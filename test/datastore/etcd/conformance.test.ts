import { describe } from 'vitest';
import { EtcdDatastore } from '../../../src/datastore/etcd/etcd-datastore.ts';
import { prefixesOf } from '../../../src/datastore/etcd/keys.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { describeNetworkDatastore } from '../conformance.ts';
import { calico } from '../objects.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { EtcdServer, keyOf, NO_ETCD } from './etcd-server.ts';

const keyOfPeer = (name: string): string => keyOf(calico('BGPPeer', name, {}));

describe.skipIf(NO_ETCD !== undefined)(`with a real etcd (${NO_ETCD ?? 'found'})`, () => {
  describeNetworkDatastore('etcd', async ({ clock, lostAfter }) => {
    const server = await EtcdServer.start();
    const proxy = await TcpProxy.to(server.port);
    return {
      datastore: new EtcdDatastore({
        access: { endpoints: [`http://127.0.0.1:${proxy.port}`] },
        prefixes: prefixesOf('all'),
        clock,
        random: seededRandom(1),
        lostAfter,
        keepalive: { time: 5_000, timeout: 1_000 },
      }),
      proxy,
      put: (...resources) => server.put(...resources),
      delete: async (...names) => {
        await Promise.all(names.map((name) => server.client.delete().key(keyOfPeer(name))));
      },
      damage: async (name) => {
        await server.client.put(keyOfPeer(name)).value('{"kind": ');
      },
      forget: () => server.compact(),
      end: async () => {
        proxy.close();
        await server.end();
      },
    };
  });
});
