import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  Connection,
  ConnectionOptions,
  DialOptions,
  Listener,
  PeerKey,
} from '../../src/transport/transport.ts';
import type { Bench } from './conformance.ts';
import { keepalive } from './messages.ts';
import { Recorder } from './recorder.ts';

const PASSWORD = 'secret';
const OTHER = 'another secret';
const PLAIN: ConnectionOptions = { ttl: undefined };

/** What every transport must do with passwords (RFC 2385) and TTL security (RFC 5082). */
export function describeProtection(name: string, makeBench: () => Bench): void {
  let bench: Bench;
  let listener: Listener | undefined;
  let port: number;
  const accepted: Connection[] = [];
  const dialed: Connection[] = [];
  const cancels: (() => void)[] = [];

  async function listen(): Promise<void> {
    port = 0;
    listener = bench.server.listen(
      { address: bench.serverAddress, port: 0 },
      {
        listening: (local) => {
          port = local.port;
          listening = true;
        },
        accepted: (connection) => accepted.push(connection),
        failed: (error) => {
          throw error;
        },
      },
    );
    let listening = false;
    await bench.until(() => listening);
  }

  beforeEach(() => {
    bench = makeBench();
  });

  afterEach(() => {
    for (const cancel of cancels.splice(0)) cancel();
    listener?.close();
    for (const connection of [...accepted.splice(0), ...dialed.splice(0)]) connection.destroy();
  });

  /** Sets keys on the server and says that all are in force. */
  function setKeys(...keys: readonly PeerKey[]): void {
    expect(bench.server.setKeys(keys)).toEqual([]);
  }

  function dial(options: Partial<DialOptions>): () => string | undefined {
    let result: string | undefined;
    const remote = { address: bench.serverAddress, port };
    const whole = { remote, interface: undefined, localAddress: undefined, ttl: undefined };
    const cancel = bench.client.dial(
      { ...whole, ...options },
      {
        connected: (connection) => {
          dialed.push(connection);
          result = 'connected';
        },
        failed: (reason) => {
          result = reason;
        },
      },
    );
    cancels.push(cancel);
    return () => result;
  }

  async function connect(
    options: Partial<DialOptions>,
  ): Promise<readonly [Connection, Connection]> {
    const before = accepted.length;
    const result = dial(options);
    await bench.until(() => result() !== undefined && accepted.length > before);
    expect(result()).toBe('connected');
    const [client, server] = [dialed.at(-1), accepted.at(-1)];
    if (client === undefined || server === undefined) throw new Error('not connected');
    return [client, server];
  }

  async function expectSilence(options: Partial<DialOptions>): Promise<void> {
    const before = accepted.length;
    const result = dial(options);
    await bench.settle();
    expect(result()).toBeUndefined();
    expect(accepted.length).toBe(before);
  }

  async function expectTalk(client: Connection, server: Connection): Promise<void> {
    const [here, there] = [new Recorder(client), new Recorder(server)];
    client.write(keepalive);
    server.write(keepalive);
    await bench.until(() => here.count === 1 && there.count === 1);
  }

  const key = (from: string, password = PASSWORD): PeerKey => ({ from, password });
  const wide = (): string => `${bench.clientAddress.split('.')[0]}.0.0.0/8`;

  describe(`${name}: passwords`, () => {
    test('two ends with one password talk', async () => {
      await listen();
      setKeys(key(bench.clientAddress));
      const [client, server] = await connect({ password: PASSWORD });
      expect(server.protect({ ttl: 64, password: PASSWORD })).toBe(true);
      await expectTalk(client, server);
    });

    test.each([
      ['another password', OTHER],
      ['no password', undefined],
    ])('a dial with %s is met with silence, from the first SYN on', async (_name, password) => {
      setKeys(key(bench.clientAddress));
      await listen();
      await expectSilence({ password });
    });

    test('a dial with a password meets silence where none is expected', async () => {
      await listen();
      await expectSilence({ password: PASSWORD });
    });

    test('peers of other addresses need no password', async () => {
      await listen();
      setKeys(key(bench.clientAddress));
      await connect({ localAddress: bench.secondAddress });
      await expectSilence({});
    });

    test('a prefix has a password, and an address within it its own', async () => {
      await listen();
      setKeys(key(wide()), key(bench.secondAddress, OTHER));
      await connect({ password: PASSWORD });
      await connect({ localAddress: bench.secondAddress, password: OTHER });
      await expectSilence({ localAddress: bench.secondAddress, password: PASSWORD });
    });

    test('a changed password counts for new connections and leaves the others alone', async () => {
      await listen();
      setKeys(key(bench.clientAddress), key(bench.secondAddress));
      const [client, server] = await connect({ password: PASSWORD });
      setKeys(key(bench.clientAddress, OTHER), key(bench.secondAddress));
      await expectSilence({ password: PASSWORD });
      await connect({ password: OTHER });
      await connect({ localAddress: bench.secondAddress, password: PASSWORD });
      await expectTalk(client, server);
    });

    test('a password that is gone is no longer asked for, one of a prefix included', async () => {
      await listen();
      setKeys(key(bench.clientAddress), key(wide()));
      setKeys(key(wide()));
      await connect({ password: PASSWORD });
      setKeys();
      await connect({});
    });

    test('a connection made before its password was set falls silent', async () => {
      await listen();
      const [client, server] = await connect({});
      expect(server.protect({ ttl: 64, password: PASSWORD })).toBe(true);
      const [here, there] = [new Recorder(client), new Recorder(server)];
      client.write(keepalive);
      server.write(keepalive);
      await bench.settle();
      expect([here.count, there.count]).toEqual([0, 0]);
    });
  });

  describe(`${name}: TTL security`, () => {
    test('two ends with TTL security talk', async () => {
      await listen();
      const [client, server] = await connect({ ttlSecurity: 1 });
      expect(server.protect({ ttl: 1, ttlSecurity: 1 })).toBe(true);
      await expectTalk(client, server);
    });

    test.each([
      ['the one that dials', { ttlSecurity: 1 }, { ttl: 64 }, [0, 1]],
      ['the one that listens', { ttl: 64 }, { ttl: 1, ttlSecurity: 1 }, [1, 0]],
    ] as const)('%s hears nothing that came too far', async (_name, dialer, listens, heard) => {
      await listen();
      const [client, server] = await connect(dialer);
      server.protect({ ...PLAIN, ...listens });
      const [here, there] = [new Recorder(client), new Recorder(server)];
      client.write(keepalive);
      server.write(keepalive);
      await bench.settle();
      expect([here.count, there.count]).toEqual(heard);
    });

    test('as many hops as it allows are not too far', async () => {
      await listen();
      const [client, server] = await connect({ ttl: 250 });
      server.protect({ ttl: 64, ttlSecurity: 6 });
      await expectTalk(client, server);
    });
  });
}
