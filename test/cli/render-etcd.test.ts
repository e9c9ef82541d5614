import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import { EtcdServer, NO_ETCD } from '../datastore/etcd/etcd-server.ts';
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
});
