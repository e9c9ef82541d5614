import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/datastore/datastore.ts';
import type { EtcdAccess } from '../../../src/datastore/etcd/environment.ts';
import {
  EtcdDatastore,
  type EtcdDatastoreOptions,
} from '../../../src/datastore/etcd/etcd-datastore.ts';
import { prefixesOf } from '../../../src/datastore/etcd/keys.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { seededRandom } from '../../../src/runtime/random.ts';
import { Mirror } from '../mirror.ts';
import { calico } from '../objects.ts';
import { TcpProxy } from '../tcp-proxy.ts';
import { EtcdServer, type EtcdServerOptions, NO_ETCD } from './etcd-server.ts';

/** Generous: only a failing test waits so long. */
const WAIT = { timeout: 60_000, interval: 20 };

const peer = (name: string, asNumber = 1, filters: readonly string[] = []): Resource =>
  calico('BGPPeer', name, { peerIP: '10.0.0.1', asNumber, filters });

const block = (node: string, cidr: string): Resource =>
  calico('BlockAffinity', `${node}-${cidr}`, { node, cidr });

describe.skipIf(NO_ETCD !== undefined)(`a datastore on etcd (${NO_ETCD ?? 'found'})`, () => {
  const endings: (() => Promise<void> | void)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  }, 60_000);

  const startServer = async (options?: EtcdServerOptions): Promise<EtcdServer> => {
    const server = await EtcdServer.start(options);
    endings.push(() => server.end());
    return server;
  };

  const proxyTo = async (server: EtcdServer): Promise<TcpProxy> => {
    const proxy = await TcpProxy.to(server.port);
    endings.push(() => proxy.close());
    return proxy;
  };

  const follow = (
    access: Partial<EtcdAccess>,
    options: Partial<EtcdDatastoreOptions> = {},
  ): Mirror => {
    const mirror = new Mirror();
    const datastore = new EtcdDatastore({
      access: { endpoints: [], ...access },
      prefixes: prefixesOf('all'),
      clock: processClock,
      random: seededRandom(1),
      ...options,
    });
    endings.push(() => datastore.stop());
    datastore.start(mirror);
    return mirror;
  };

  const plain = ({ port }: { readonly port: number }): Partial<EtcdAccess> => ({
    endpoints: [`http://127.0.0.1:${port}`],
  });

  const inSync = async (mirror: Mirror): Promise<void> => {
    await expect.poll(() => mirror.inSync, WAIT).toBe(true);
  };

  const codes = (mirror: Mirror): readonly string[] =>
    [...mirror.problems.values()].map(({ code }) => code);

  test('gets every one of thousands of revisions, though it is cut while it catches up', async () => {
    const server = await startServer();
    const proxy = await proxyTo(server);
    const mirror = follow(plain(proxy));
    await inSync(mirror);
    proxy.refuse();
    const names = Array.from({ length: 60 }, (_, i) => `p${i}`);
    for (let round = 1; round <= 100; round++)
      await server.put(...names.map((at) => peer(at, round)));
    proxy.pass();
    proxy.cutAfter(400_000);
    await expect.poll(() => mirror.puts.length, WAIT).toBe(6000);
    const everyRound = Array.from({ length: 100 }, (_, i) => i + 1);
    for (const name of names) {
      const of = mirror.puts.filter(({ key }) => key === `BGPPeer//${name}`);
      expect(of.map(({ asn }) => asn)).toEqual(everyRound);
    }
  }, 180_000);

  test('reads objects that are too large for one answer together', async () => {
    const server = await startServer();
    const proxy = await proxyTo(server);
    const large = ['x'.repeat(1_000_000)];
    const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
    for (const name of names) await server.put(peer(name, 1, large));
    const mirror = follow(plain(proxy));
    await inSync(mirror);
    expect(mirror.resources.size).toBe(20);
    proxy.refuse();
    for (const name of names) await server.put(peer(name, 2, large));
    proxy.pass();
    await expect.poll(() => mirror.puts.length, WAIT).toBe(40);
    expect(mirror.puts.slice(20).every(({ asn }) => asn === 2)).toBe(true);
  }, 180_000);

  test('reads the blocks of its own node only', async () => {
    const server = await startServer();
    await server.put(block('a', '10.0.0.0/26'), block('ab', '10.0.0.64/26'), peer('p'));
    const mirror = follow(plain(server), { prefixes: prefixesOf({ node: 'a' }) });
    await inSync(mirror);
    await server.put(block('b', '10.0.0.128/26'), block('a', 'fd00::/122'), peer('q'));
    const keys = [
      'BGPPeer//p',
      'BGPPeer//q',
      'BlockAffinity//a-10-0-0-0-26',
      'BlockAffinity//a-fd00---122',
    ];
    await expect.poll(() => [...mirror.resources.keys()].sort(), WAIT).toEqual(keys);
  });

  test('continues on the next endpoint', async () => {
    const server = await startServer();
    const [first, second] = [await proxyTo(server), await proxyTo(server)];
    const [one = '', two = ''] = [first, second].flatMap((at) => plain(at).endpoints ?? []);
    first.refuse();
    const mirror = follow({ endpoints: ['http://127.0.0.1:1', one, two] });
    await inSync(mirror);
    second.refuse();
    first.pass();
    await server.put(peer('p'));
    await expect.poll(() => mirror.asns, WAIT).toEqual({ p: 1 });
    expect(mirror.snapshots).toHaveLength(1);
  }, 120_000);

  test('continues where it was when etcd is killed and started again', async () => {
    const server = await startServer();
    await server.put(peer('p'));
    const mirror = follow(plain(server));
    await inSync(mirror);
    await server.kill();
    await expect.poll(() => codes(mirror), WAIT).toEqual(['etcd-unreachable']);
    await server.restart();
    await expect.poll(() => codes(mirror), WAIT).toEqual([]);
    expect(mirror.puts).toHaveLength(1);
  }, 120_000);

  test('reads everything anew when etcd comes back with another history', async () => {
    const server = await startServer();
    await server.put(peer('p'), peer('q'), peer('same'));
    const mirror = follow(plain(server));
    await inSync(mirror);
    await server.kill();
    await server.restart({ empty: true });
    await server.put(peer('same'), peer('r', 3));
    await expect.poll(() => mirror.asns, WAIT).toEqual({ same: 1, r: 3 });
  }, 120_000);

  describe('with certificates', () => {
    const overTls = ({ port, certificates }: EtcdServer): Partial<EtcdAccess> => ({
      endpoints: [`https://localhost:${port}`],
      ...certificates,
    });

    test('shows its own and checks those of etcd', async () => {
      const server = await startServer({ tls: true });
      const mirror = follow(overTls(server));
      await inSync(mirror);
      await server.put(peer('p'));
      await expect.poll(() => mirror.asns, WAIT).toEqual({ p: 1 });
    }, 120_000);

    test.each([
      ['without its own', { certFile: undefined, keyFile: undefined }, 'etcd-unreachable'],
      ['without the authority', { caFile: undefined }, 'etcd-unreachable'],
      ['with a file that is not there', { keyFile: '/nowhere' }, 'etcd-credentials'],
    ])(
      'says what is wrong %s',
      async (_what, change, code) => {
        const server = await startServer({ tls: true });
        const mirror = follow({ ...overTls(server), ...change });
        await expect.poll(() => codes(mirror), WAIT).toEqual([code]);
        expect(mirror.inSync).toBe(false);
      },
      120_000,
    );

    test('waits for a certificate that is half rotated', async () => {
      const server = await startServer({ tls: true });
      const { certFile = '' } = server.certificates ?? {};
      const whole = readFileSync(certFile, 'utf8');
      writeFileSync(certFile, whole.slice(0, 100));
      const mirror = follow(overTls(server));
      await expect.poll(() => codes(mirror), WAIT).toEqual(['etcd-credentials']);
      writeFileSync(certFile, whole);
      await inSync(mirror);
      await expect.poll(() => codes(mirror), WAIT).toEqual([]);
    }, 120_000);
  });

  describe('with users', () => {
    const user = { name: 'calico', password: 'right' };

    /** Root, and a user who may read what is below `prefix`. */
    const startWithUsers = async (prefix = '/calico/'): Promise<EtcdServer> => {
      const server = await startServer({ tokenTtl: 1 });
      const { auth } = server.client;
      await auth.userAdd({ name: 'root', password: 'root' });
      await auth.roleAdd({ name: 'root' });
      await auth.userGrantRole({ user: 'root', role: 'root' });
      await auth.userAdd(user);
      await auth.roleAdd({ name: 'reader' });
      const key = Buffer.from(prefix);
      const perm = { permType: 'Read' as const, key, range_end: Buffer.from(`${prefix}\xff`) };
      await auth.roleGrantPermission({ name: 'reader', perm });
      await auth.userGrantRole({ user: user.name, role: 'reader' });
      await auth.authEnable();
      server.login('root', 'root');
      return server;
    };

    test('logs in again when its token has expired', async () => {
      const server = await startWithUsers();
      const proxy = await proxyTo(server);
      const mirror = follow({ ...plain(proxy), user });
      await inSync(mirror);
      for (let asn = 1; asn <= 2; asn++) {
        await sleep(2_500);
        proxy.cut();
        await server.put(peer('p', asn));
        await expect.poll(() => mirror.asns, WAIT).toEqual({ p: asn });
      }
      expect(mirror.snapshots).toHaveLength(1);
    }, 120_000);

    test.each([
      ['a wrong password', { ...user, password: 'wrong' }, '/calico/', 'etcd-unauthenticated'],
      ['no user', undefined, '/calico/', 'etcd-unauthenticated'],
      ['a user who may not read', user, '/else/', 'etcd-denied'],
    ])(
      'says what is wrong with %s',
      async (_what, as, prefix, code) => {
        const server = await startWithUsers(prefix);
        const mirror = follow({ ...plain(server), user: as });
        await expect.poll(() => codes(mirror), WAIT).toEqual([code]);
        expect(mirror.inSync).toBe(false);
      },
      120_000,
    );

    test('goes on as Calico does where etcd knows no users', async () => {
      const server = await startServer();
      await inSync(follow({ ...plain(server), user }));
    });
  });
});
