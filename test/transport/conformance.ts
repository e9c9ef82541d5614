import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TransportReason } from '../../src/transport/reasons.ts';
import type {
  Connection,
  DialOptions,
  Endpoint,
  Listener,
  Transport,
} from '../../src/transport/transport.ts';
import { cease, keepalive, messageOf, slab, someUpdates } from './messages.ts';
import { hexOf, Recorder } from './recorder.ts';

/** Two hosts that reach one another, and a way to let time pass. */
export interface Bench {
  readonly client: Transport;
  /** At most 4 connections per address before OPEN, and 6 in total. */
  readonly server: Transport;
  readonly clientAddress: string;
  /** Another address of the client's host. */
  readonly secondAddress: string;
  readonly serverAddress: string;
  /** An address of no host, as a local address for dialling. */
  readonly foreignAddress: string;
  /** Lets time pass until `done` holds; fails after a few seconds. */
  until(done: () => boolean): Promise<void>;
  /** Lets everything that is under way arrive. */
  settle(): Promise<void>;
}

interface Pair {
  readonly client: Connection;
  readonly server: Connection;
}

/** What every transport must do. */
export function describeTransport(name: string, makeBench: () => Bench): void {
  let bench: Bench;
  let listener: Listener | undefined;
  let listening: Endpoint;
  const accepted: Connection[] = [];
  const dialed: Connection[] = [];

  beforeEach(async () => {
    bench = makeBench();
    let bound: Endpoint | undefined;
    listener = bench.server.listen(
      { address: bench.serverAddress, port: 0 },
      {
        listening: (local) => {
          bound = local;
        },
        accepted: (connection) => accepted.push(connection),
        failed: (error) => {
          throw error;
        },
      },
    );
    await bench.until(() => bound !== undefined);
    listening = bound ?? { address: '', port: 0 };
  });

  afterEach(() => {
    listener?.close();
    for (const connection of [...accepted.splice(0), ...dialed.splice(0)]) connection.destroy();
  });

  function dial(options: Partial<DialOptions> = {}): {
    result: () => TransportReason | 'connected' | undefined;
    cancel: () => void;
  } {
    let result: TransportReason | 'connected' | undefined;
    const remote = listening;
    const plain = { remote, interface: undefined, localAddress: undefined, ttl: undefined };
    const cancel = bench.client.dial(
      { ...plain, ...options },
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
    return { result: () => result, cancel };
  }

  async function connect(): Promise<Pair> {
    const before = accepted.length;
    const { result } = dial();
    await bench.until(() => result() !== undefined && accepted.length > before);
    const client = dialed.at(-1);
    const server = accepted.at(-1);
    if (client === undefined || server === undefined) throw new Error('not connected');
    return { client, server };
  }

  describe(`${name}: making connections`, () => {
    test('both ends know both addresses and ports', async () => {
      const { client, server } = await connect();
      expect(client.remote).toEqual(listening);
      expect(server.local).toEqual(listening);
      expect(server.remote).toEqual(client.local);
      expect(client.local.address).toBe(bench.clientAddress);
    });

    test('dials from the local address that it is given', async () => {
      const { result } = dial({ localAddress: bench.secondAddress });
      await bench.until(() => result() === 'connected' && accepted.length === 1);
      expect(accepted[0]?.remote.address).toBe(bench.secondAddress);
    });

    test('a dial from an address of another host fails with the reason', async () => {
      const { result } = dial({ localAddress: bench.foreignAddress });
      await bench.until(() => result() !== undefined);
      expect(result()).toBe('local-address');
      expect(bench.client.counters).toMatchObject({ dialed: 1, dialsFailed: 1 });
    });

    test('a dial to a closed port is refused', async () => {
      listener?.close();
      await bench.settle();
      const { result } = dial();
      await bench.until(() => result() !== undefined);
      expect(result()).toBe('refused');
    });

    test('nothing follows a dial that was given up', async () => {
      const { result, cancel } = dial();
      cancel();
      await bench.settle();
      expect(result()).toBeUndefined();
      expect(dialed).toEqual([]);
    });

    test('a port that is taken is an error that names the place', async () => {
      let text = '';
      const handler = {
        listening: () => {},
        accepted: () => {},
        failed: (error: { describe(): string }) => {
          text = error.describe();
        },
      };
      bench.server.listen(listening, handler);
      await bench.until(() => text !== '');
      expect(text).toContain(`${bench.serverAddress}:${listening.port}: the port is in use`);
    });

    test('an address of another host cannot be listened on', async () => {
      let code = '';
      const handler = {
        listening: () => {},
        accepted: () => {},
        failed: (error: { code: string }) => {
          code = error.code;
        },
      };
      bench.server.listen({ address: bench.foreignAddress, port: 0 }, handler);
      await bench.until(() => code !== '');
      expect(code).toBe('no-such-address');
    });

    test('connections before OPEN are capped by address, and admission makes room', async () => {
      for (let i = 0; i < 4; i++) await connect();
      dial();
      await bench.until(() => bench.server.counters.refusedPerAddress === 1);
      expect(bench.server.counters).toMatchObject({ accepted: 4, beforeOpen: 4 });
      accepted[0]?.admit();
      accepted[1]?.destroy();
      await bench.until(() => bench.server.counters.beforeOpen === 2);
      await connect();
      expect(bench.server.counters).toMatchObject({ accepted: 5, beforeOpen: 3 });
    });

    test('connections before OPEN are capped in total', async () => {
      for (let i = 0; i < 4; i++) await connect();
      for (let i = 0; i < 3; i++) dial({ localAddress: bench.secondAddress });
      await bench.until(() => bench.server.counters.refusedTotal === 1);
      expect(bench.server.counters).toMatchObject({ accepted: 6, refusedPerAddress: 0 });
    });
  });

  describe(`${name}: messages`, () => {
    test('arrive whole and in order, one write for many', async () => {
      const { client, server } = await connect();
      const messages = someUpdates(200);
      const seen = new Recorder(server);
      client.write(Buffer.concat(messages));
      await bench.until(() => seen.count === 200);
      expect(seen.messages).toEqual(hexOf(messages));
      expect(seen.reads).toBeGreaterThan(0);
      expect(seen.log.at(-1)).toBe('readEnd');
    });

    test('arrive whole when each octet is a write of its own', async () => {
      const { client, server } = await connect();
      const messages = [keepalive, messageOf(2, 30)];
      const seen = new Recorder(server);
      for (const octet of Buffer.concat(messages)) {
        client.write(Uint8Array.of(octet));
        await bench.settle();
      }
      await bench.until(() => seen.count === messages.length);
      expect(seen.messages).toEqual(hexOf(messages));
    });

    test('that came before the start are delivered with it', async () => {
      const { client, server } = await connect();
      client.write(keepalive);
      await bench.settle();
      const seen = new Recorder(server);
      expect(seen.count).toBe(0);
      await bench.until(() => seen.count === 1);
    });

    test('larger than 4096 octets pass once the limit is raised', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      server.setMaxMessage(65535);
      client.write(messageOf(2, 65535));
      await bench.until(() => seen.count === 1);
      expect(seen.octets).toBe(65535);
    });

    test('end with the bad marker, and the NOTIFICATION about it arrives', async () => {
      const { client, server } = await connect();
      const answers = new Recorder(client);
      const seen = new Recorder(server);
      seen.onMalformed = () => server.end(cease);
      client.write(Buffer.concat([keepalive, Buffer.alloc(4096), keepalive]));
      await bench.until(() => answers.reason !== undefined && seen.reason !== undefined);
      expect(seen.log.filter((entry) => entry !== 'readEnd')).toEqual([
        'message',
        'malformed 1/1',
        'closed ended',
      ]);
      expect(answers.messages).toEqual(hexOf([cease]));
    });

    test('that are too long are malformed with their length', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      client.write(messageOf(2, 4097));
      await bench.until(() => seen.log.length > 0);
      expect(seen.log[0]).toBe('malformed 1/2 1001');
    });
  });

  describe(`${name}: reading`, () => {
    test('stops within a segment at pause and goes on with resume', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      seen.onMessage = () => server.pause();
      client.write(Buffer.concat(Array<Buffer>(10).fill(keepalive)));
      await bench.until(() => seen.count === 1);
      await bench.settle();
      expect(seen.count).toBe(1);
      seen.onMessage = () => {};
      server.resume();
      expect(seen.count).toBe(1);
      await bench.until(() => seen.count === 10);
    });

    test('a small message written while output drains takes nothing from the promise', async () => {
      const { client, server } = await connect();
      const sent = new Recorder(client);
      const seen = new Recorder(server);
      seen.onMessage = () => seen.count % 8 === 0 && server.pause();
      while (client.write(slab)) await bench.settle();
      while (client.queued > 0) {
        client.write(keepalive);
        server.resume();
        await bench.settle();
      }
      await bench.until(() => sent.drains > 0);
    });

    test('a paused reader holds the writer back, and drains it when it reads on', async () => {
      const { client, server } = await connect();
      const sent = new Recorder(client);
      const seen = new Recorder(server);
      server.pause();
      let slabs = 0;
      while (client.queued < 4 * slab.length && slabs < 200) {
        client.write(slab);
        slabs++;
        await bench.settle();
      }
      expect(client.write(slab)).toBe(false);
      expect(client.queued).toBeGreaterThanOrEqual(4 * slab.length);
      expect(sent.drains).toBe(0);
      expect(seen.count).toBe(0);
      server.resume();
      await bench.until(() => seen.octets === (slabs + 1) * slab.length);
      await bench.until(() => sent.drains === 1);
      expect(client.queued).toBe(0);
    });

    test('what was sent before a FIN is delivered before `closed`, also to a paused reader', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      server.pause();
      client.write(keepalive);
      client.end(cease);
      await bench.settle();
      expect(seen.log).toEqual([]);
      server.resume();
      await bench.until(() => seen.reason !== undefined);
      expect(seen.messages).toEqual(hexOf([keepalive, cease]));
      expect(seen.log.at(-1)).toBe('closed closed-by-peer');
    });

    test('half a message and a FIN is just a closed connection', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      client.write(keepalive.subarray(0, 12));
      client.end();
      await bench.until(() => seen.reason !== undefined);
      expect(seen.count).toBe(0);
      expect(seen.reason).toBe('closed-by-peer');
    });
  });

  describe(`${name}: closing`, () => {
    test('a NOTIFICATION is delivered although our input was not read', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(client);
      const own = new Recorder(server);
      server.pause();
      for (let i = 0; i < 20; i++) client.write(messageOf(2, 4096));
      await bench.settle();
      server.end(cease);
      await bench.until(() => seen.reason !== undefined && own.reason !== undefined);
      expect(seen.messages).toEqual(hexOf([cease]));
      expect(seen.reason).toBe('closed-by-peer');
      expect(own.log.filter((entry) => entry !== 'closed ended')).toEqual([]);
    });

    test('what was queued goes out before the last message', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      client.write(keepalive);
      client.end(cease);
      expect(client.write(keepalive)).toBe(true);
      await bench.until(() => seen.reason !== undefined);
      expect(seen.messages).toEqual(hexOf([keepalive, cease]));
    });

    test('a peer that neither reads nor closes is let go after the linger time', async () => {
      const { client, server } = await connect();
      const own = new Recorder(client);
      new Recorder(server);
      server.pause();
      for (let i = 0; i < 100; i++) client.write(slab);
      client.end(cease);
      await bench.until(() => own.reason !== undefined);
      expect(own.reason).toBe('not-drained');
    });

    test('destroy is silent here and visible there', async () => {
      const { client, server } = await connect();
      const own = new Recorder(client);
      const seen = new Recorder(server);
      client.destroy();
      await bench.until(() => seen.reason !== undefined);
      await bench.settle();
      expect(own.log).toEqual([]);
      expect(['closed-by-peer', 'reset']).toContain(seen.reason);
    });

    test('destroy from within a message is the last call', async () => {
      const { client, server } = await connect();
      const seen = new Recorder(server);
      seen.onMessage = () => server.destroy();
      client.write(Buffer.concat([keepalive, keepalive]));
      await bench.until(() => seen.count > 0);
      await bench.settle();
      expect(seen.log).toEqual(['message']);
    });

    test('calls after the end do nothing', async () => {
      const { client, server } = await connect();
      const own = new Recorder(client);
      const seen = new Recorder(server);
      server.destroy();
      await bench.until(() => own.reason !== undefined);
      client.write(keepalive);
      client.pause();
      client.resume();
      client.protect({ ttl: 1 });
      client.end(cease);
      client.destroy();
      await bench.settle();
      expect(own.log.length).toBe(1);
      expect(seen.log).toEqual([]);
    });
  });
}
