import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EtcdConnection } from '../../../src/datastore/etcd/connection.ts';
import { EtcdDatastore } from '../../../src/datastore/etcd/etcd-datastore.ts';
import { NODE_STATUS_PREFIX } from '../../../src/datastore/etcd/keys.ts';
import { writeStatus } from '../../../src/datastore/etcd/status-writer.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { Mirror } from '../mirror.ts';
import { calico } from '../objects.ts';
import { EtcdServer, NO_ETCD } from './etcd-server.ts';

const KEY = `${NODE_STATUS_PREFIX}mine`;
const WAIT = { timeout: 30_000 };

describe.skipIf(NO_ETCD !== undefined)(`a CalicoNodeStatus in etcd (${NO_ETCD ?? 'found'})`, () => {
  let server: EtcdServer;
  let store: EtcdDatastore;
  let mirror: Mirror;

  beforeEach(async () => {
    server = await EtcdServer.start();
    mirror = new Mirror();
    store = new EtcdDatastore({
      access: { endpoints: [`http://127.0.0.1:${server.port}`] },
      prefixes: [NODE_STATUS_PREFIX],
      clock: processClock,
      random: seededRandom(1),
    });
    await server.put(calico('BGPPeer', 'other', {}));
    const object = calico('CalicoNodeStatus', 'mine', { node: 'one', classes: ['BGP'] });
    const metadata = { ...object.metadata, uid: '7f' };
    await server.client.put(KEY).value(JSON.stringify({ ...object, metadata }));
    store.start(mirror);
    await expect.poll(() => mirror.inSync, WAIT).toBe(true);
  }, 60_000);
  afterEach(async () => {
    store.stop();
    await server.end();
  }, 60_000);

  test('is followed without the other kinds', () => {
    expect(mirror.snapshots).toEqual([['CalicoNodeStatus//mine']]);
  });

  test('is given its status beside what is stored, and that is told', async () => {
    await store.putStatus('mine', { agent: { birdV4: { state: 'Ready' } } });
    await store.putStatus('mine', { bgp: { numberEstablishedV4: 2 } });
    const status = { agent: { birdV4: { state: 'Ready' } }, bgp: { numberEstablishedV4: 2 } };
    expect(JSON.parse((await server.client.get(KEY).string()) ?? '')).toMatchObject({
      metadata: { uid: '7f' },
      spec: { node: 'one' },
      status,
    });
    const told = (): unknown => mirror.resources.get('CalicoNodeStatus//mine')?.status;
    await expect.poll(told, WAIT).toEqual(status);
  });

  test('that is gone is not written again', async () => {
    await server.client.delete().key(KEY);
    await store.putStatus('mine', { agent: {} });
    expect(await server.client.get(KEY).string()).toBeNull();
  });

  test('cannot be written while etcd is away, which is an error with a name', async () => {
    await server.kill();
    await expect(store.putStatus('mine', { agent: {} })).rejects.toThrow(/etcd/);
  }, 60_000);
});

describe('a status in etcd that somebody else is writing, too,', () => {
  /** An etcd whose object changes `rivals` times before a write is as fast. */
  function contended(rivals: number) {
    const written: string[] = [];
    let revision = 7;
    const connection: Pick<EtcdConnection, 'range' | 'transact'> = {
      range: async ({ key }) => ({
        header: { cluster_id: '1', revision: String(revision) },
        kvs: [{ key, value: Buffer.from('{}'), mod_revision: String(revision) }],
        more: false,
      }),
      transact: async ([operation], [comparison] = []) => {
        if (rivals-- > 0) revision++;
        const isLast = comparison?.mod_revision === String(revision);
        if (isLast && operation !== undefined && 'request_put' in operation)
          written.push(operation.request_put.value.toString());
        return isLast;
      },
    };
    return { connection, written };
  }

  test('is read again and written over what they wrote', async () => {
    const { connection, written } = contended(2);
    await writeStatus(connection, KEY, { agent: {} });
    expect(written).toEqual(['{"status":{"agent":{}}}']);
  });

  test('is given up after three times', async () => {
    const { connection, written } = contended(3);
    await expect(writeStatus(connection, KEY, { agent: {} })).rejects.toThrow('somebody else');
    expect(written).toEqual([]);
  });
});
