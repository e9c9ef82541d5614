import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { platformFeatures } from '../../src/linux/platform-features.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { NodeTransport } from '../../src/transport/node-transport.ts';
import { KEY_REASONS } from '../../src/transport/reasons.ts';
import { plainSockets } from '../../src/transport/socket-tools.ts';
import type { Connection, Endpoint, PeerKey } from '../../src/transport/transport.ts';
import { type Bench, describeTransport } from './conformance.ts';
import { cease, keepalive } from './messages.ts';
import { describeProtection } from './protection-conformance.ts';
import { hexOf, Recorder } from './recorder.ts';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 5000) throw new Error('it did not come to pass');
    await pause(1);
  }
}

function loopbackBench(): Bench {
  const clock = processClock;
  return {
    client: new NodeTransport({ clock }),
    server: new NodeTransport({ clock, limits: { total: 6, perAddress: 4 } }),
    clientAddress: '127.0.0.1',
    secondAddress: '127.0.0.2',
    serverAddress: '127.0.0.1',
    foreignAddress: '192.0.2.1',
    until,
    settle: () => pause(20),
  };
}

describeTransport('on loopback', loopbackBench);

const native = platformFeatures().some(({ name, available }) => name === 'tcp-md5' && available);

describe.skipIf(!native)('with TCP-MD5', () => describeProtection('on loopback', loopbackBench));

/** Listens on both, or says why not; the port of the first is given to the second. */
async function listenOn(
  transport: NodeTransport,
  addresses: readonly string[],
  port: number,
): Promise<{ accepted: Connection[]; bound: Endpoint[]; errors: string[]; close: () => void }> {
  const accepted: Connection[] = [];
  const bound: Endpoint[] = [];
  const errors: string[] = [];
  const listeners = addresses.map((address) =>
    transport.listen(
      { address, port },
      {
        listening: (local) => bound.push(local),
        accepted: (connection) => accepted.push(connection),
        failed: (error) => errors.push(error.describe()),
      },
    ),
  );
  await until(() => bound.length + errors.length === addresses.length);
  const close = (): void => {
    for (const listener of listeners) listener.close();
    for (const connection of accepted) connection.destroy();
  };
  return { accepted, bound, errors, close };
}

interface Client {
  readonly connections: Connection[];
  readonly close: () => void;
}

function dial(transport: NodeTransport, remote: Endpoint, password?: string): Client {
  const connections: Connection[] = [];
  const cancel = transport.dial(
    { remote, interface: undefined, localAddress: undefined, ttl: undefined, password },
    { connected: (connection) => connections.push(connection), failed: () => {} },
  );
  const close = (): void => {
    cancel();
    for (const connection of connections) connection.destroy();
  };
  return { connections, close };
}

const ipv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe.skipIf(!ipv6)('node transport on hosts with IPv6', () => {
  test('listening on :: takes IPv4 as well and shows the plain IPv4 address', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const server = await listenOn(transport, ['::'], 0);
    const client = dial(transport, { address: '127.0.0.1', port: server.bound[0]?.port ?? 0 });
    await until(() => server.accepted.length === 1 && client.connections.length === 1);
    expect(server.accepted[0]?.remote.address).toBe('127.0.0.1');
    expect(server.accepted[0]?.local.address).toBe('127.0.0.1');
    for (const connection of client.connections) connection.destroy();
    server.close();
  });

  test('listening on :: and 0.0.0.0 with one port works in either order', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const probe = await listenOn(transport, ['::'], 0);
    const port = probe.bound[0]?.port ?? 0;
    probe.close();
    await pause(20);
    for (const addresses of [
      ['::', '0.0.0.0'],
      ['0.0.0.0', '::'],
    ]) {
      const both = await listenOn(transport, addresses, port);
      expect(both.errors).toEqual([]);
      both.close();
      await pause(20);
    }
  });
});

describe.skipIf(!native || !ipv6)('node transport with passwords on hosts with IPv6', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.0/8'],
    ['::1', '::1'],
    ['::1', '::/64'],
  ])('one socket of both families takes %s with the password of %s', async (address, from) => {
    const transport = new NodeTransport({ clock: processClock });
    expect(transport.setKeys([{ from, password: 'secret' }])).toEqual([]);
    const server = await listenOn(transport, ['::'], 0);
    const remote = { address, port: server.bound[0]?.port ?? 0 };
    const silent = dial(transport, remote);
    const client = dial(transport, remote, 'secret');
    await until(() => server.accepted.length === 1 && client.connections.length === 1);
    const accepted = server.accepted[0];
    expect(accepted?.protect({ ttl: 64, ttlSecurity: 1, password: 'secret' })).toBe(true);
    client.connections[0]?.protect({ ttl: 255, password: 'secret' });
    const seen = accepted === undefined ? undefined : new Recorder(accepted);
    client.connections[0]?.write(keepalive);
    await until(() => seen?.count === 1);
    expect(silent.connections).toEqual([]);
    for (const end of [silent, client]) end.close();
    server.close();
  });
});

describe.skipIf(!native)('node transport at the limits of passwords', () => {
  const keys = (count: number): PeerKey[] =>
    Array.from({ length: count }, (_, i) => ({
      from: `10.${i >> 8}.${i & 255}.1`,
      password: 'secret',
    }));

  test('keys beyond the memory of a socket are refused with the sysctl, and the others hold', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const server = await listenOn(transport, ['127.0.0.1'], 0);
    const many = [{ from: '127.0.0.1', password: 'secret' }, ...keys(40_000)];
    const faults = transport.setKeys(many);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.at(-1)).toEqual({
      from: many.at(-1)?.from,
      reason: 'key-memory',
      detail: 'ENOMEM',
    });
    expect(KEY_REASONS['key-memory']).toContain('net.core.optmem_max');
    const remote = server.bound[0] ?? { address: '', port: 0 };
    const silent = dial(transport, remote);
    const client = dial(transport, remote, 'secret');
    await until(() => client.connections.length === 1);
    expect(silent.connections).toEqual([]);
    expect(transport.setKeys(many).length).toBe(faults.length);
    expect(transport.setKeys(keys(10))).toEqual([]);
    expect(transport.setKeys(keys(10))).toEqual([]);
    for (const end of [silent, client]) end.close();
    server.close();
  });

  test('a key that is too long is refused', () => {
    const transport = new NodeTransport({ clock: processClock });
    expect(transport.setKeys([{ from: '10.0.0.1', password: 'x'.repeat(81) }])).toEqual([
      { from: '10.0.0.1', reason: 'key-refused', detail: 'EINVAL' },
    ]);
  });
});

describe('node transport', () => {
  test('with node:net alone every password is refused, and nothing is dialled without', async () => {
    const transport = new NodeTransport({ clock: processClock, sockets: plainSockets });
    const from = '127.0.0.1';
    expect(transport.setKeys([{ from, password: 'secret' }])).toEqual([
      { from, reason: 'no-native-calls' },
    ]);
    const server = await listenOn(transport, [from], 0);
    const remote = server.bound[0] ?? { address: '', port: 0 };
    const place = { remote, interface: undefined, localAddress: undefined, ttl: undefined };
    const reasons: string[] = [];
    for (const options of [{ password: 'secret' }, { ttlSecurity: 1 }]) {
      transport.dial(
        { ...place, ...options },
        { connected: () => {}, failed: (reason) => reasons.push(reason) },
      );
    }
    const client = dial(transport, remote);
    await until(() => client.connections.length === 1 && reasons.length === 2);
    expect(reasons).toEqual(['unsupported', 'unsupported']);
    expect(client.connections[0]?.protect({ ttl: 1 })).toBe(true);
    expect(client.connections[0]?.protect({ ttl: 1, password: 'secret' })).toBe(false);
    expect(client.connections[0]?.protect({ ttl: 1, ttlSecurity: 1 })).toBe(false);
    client.close();
    server.close();
  });

  test('a device cannot be bound to with node:net alone, and the dial says so', async () => {
    const transport = new NodeTransport({ clock: processClock, sockets: plainSockets });
    const reasons: string[] = [];
    transport.dial(
      {
        remote: { address: '127.0.0.1', port: 1 },
        interface: 'lo',
        localAddress: undefined,
        ttl: undefined,
      },
      { connected: () => {}, failed: (reason) => reasons.push(reason) },
    );
    expect(reasons).toEqual([]);
    await until(() => reasons.length === 1);
    expect(reasons).toEqual(['interface']);
  });

  test.skipIf(process.platform !== 'linux')('names the process that holds a port', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const first = await listenOn(transport, ['127.0.0.1'], 0);
    const second = await listenOn(transport, ['127.0.0.1'], first.bound[0]?.port ?? 0);
    expect(second.errors[0]).toContain('the port is in use by this process itself');
    first.close();
  });

  test('a connection works with a TTL, where the platform can set it and where not', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const server = await listenOn(transport, ['127.0.0.1'], 0);
    const remote = server.bound[0] ?? { address: '', port: 0 };
    const connections: Connection[] = [];
    transport.dial(
      { remote, interface: undefined, localAddress: '127.0.0.1', ttl: 255 },
      { connected: (connection) => connections.push(connection), failed: () => {} },
    );
    await until(() => connections.length === 1 && server.accepted.length === 1);
    const [client, accepted] = [connections[0], server.accepted[0]];
    if (client === undefined || accepted === undefined) throw new Error('not connected');
    accepted.protect({ ttl: 1 });
    const seen = new Recorder(client);
    accepted.write(keepalive);
    await until(() => seen.count === 1);
    client.destroy();
    server.close();
  });

  test('what came before a reset is delivered although a write met the reset first', async () => {
    const transport = new NodeTransport({ clock: processClock });
    const server = await listenOn(transport, ['127.0.0.1'], 0);
    const remote = server.bound[0] ?? { address: '', port: 0 };
    const { connections } = dial(transport, remote);
    await until(() => connections.length === 1 && server.accepted.length === 1);
    const [client, accepted] = [connections[0], server.accepted[0]];
    if (client === undefined || accepted === undefined) throw new Error('not connected');
    const seen = new Recorder(client);
    // Closed with input unread: its FIN is a reset.
    client.write(keepalive);
    accepted.write(cease);
    accepted.destroy();
    client.write(keepalive);
    await until(() => seen.reason !== undefined);
    expect(seen.messages).toEqual(hexOf([cease]));
    expect(seen.reason).toBe('reset');
    server.close();
  });
});
