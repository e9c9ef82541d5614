import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keyOf } from '../../../src/datastore/datastore.ts';
import { EtcdWriter } from '../../../src/datastore/etcd/etcd-writer.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { calico } from '../objects.ts';
import { EtcdServer, NO_ETCD } from './etcd-server.ts';

const BLOCKS = '/calico/ipam/v2/host/n1/ipv4/block';
const PEERS = '/calico/resources/v3/projectcalico.org/bgppeers';

const block = (cidr: string): ReturnType<typeof calico> =>
  calico('BlockAffinity', 'first-of-n1', { node: 'n1', cidr, state: 'confirmed' });

describe.skipIf(NO_ETCD !== undefined)(`a writer to etcd (${NO_ETCD ?? 'found'})`, () => {
  let server: EtcdServer;
  let writer: EtcdWriter;

  beforeEach(async () => {
    server = await EtcdServer.start();
    writer = await EtcdWriter.open(`http://127.0.0.1:${server.port}`, processClock);
  });
  afterEach(async () => {
    writer.close();
    await server.end();
  });

  const stored = async (): Promise<Record<string, string>> => server.client.getAll().strings();

  test("creates, replaces and deletes an object under Calico's key", async () => {
    await writer.apply([calico('BGPPeer', 'p', { asNumber: 1 })]);
    await writer.apply([calico('BGPPeer', 'p', { asNumber: 2 })]);
    expect(JSON.parse((await stored())[`${PEERS}/p`] ?? '')).toMatchObject({
      apiVersion: 'projectcalico.org/v3',
      kind: 'BGPPeer',
      spec: { asNumber: 2 },
    });
    await writer.delete('BGPPeer//p');
    await writer.delete('BGPPeer//unknown');
    expect(await stored()).toEqual({});
  });

  test('moves a block that keeps its name', async () => {
    await writer.apply([block('10.0.0.0/26')]);
    await writer.apply([block('10.0.0.64/26')]);
    expect(await stored()).toEqual({ [`${BLOCKS}/10.0.0.64-26`]: '{"state":"confirmed"}' });
    await writer.delete(keyOf(block('10.0.0.64/26')));
    expect(await stored()).toEqual({});
  });

  test('writes all objects of one change at one revision, and leaves out what has no place', async () => {
    const before = Number(await server.revision());
    const peers = Array.from({ length: 100 }, (_, at) => calico('BGPPeer', `p${at}`, {}));
    await writer.apply([...peers, calico('Service', 'web', {})]);
    expect(Number(await server.revision())).toBe(before + 1);
    expect(Object.keys(await stored())).toHaveLength(100);
  });

  test('splits what is too much for one transaction', async () => {
    const peers = Array.from({ length: 300 }, (_, at) => calico('BGPPeer', `p${at}`, {}));
    await writer.apply(peers);
    expect(Object.keys(await stored())).toHaveLength(300);
  });

  test('keeps the order of changes that do not wait for each other', async () => {
    const changes = Array.from({ length: 20 }, (_, asNumber) =>
      writer.apply([calico('BGPPeer', 'p', { asNumber })]),
    );
    await Promise.all(changes);
    expect((await stored())[`${PEERS}/p`]).toContain('"asNumber":19');
  });

  test('says where etcd is when it does not answer', async () => {
    await server.kill();
    const where = `http://127.0.0.1:${server.port}`;
    await expect(EtcdWriter.open(where, processClock)).rejects.toMatchObject({
      code: 'etcd-unreachable',
      where,
    });
  });
});
