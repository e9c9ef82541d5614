import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { MemoryNetwork, type MemoryNetworkOptions } from '../../src/transport/memory-network.ts';
import type { Connection } from '../../src/transport/transport.ts';
import { type Bench, describeTransport } from './conformance.ts';
import { keepalive, someUpdates } from './messages.ts';
import { describeProtection } from './protection-conformance.ts';
import { hexOf, Recorder } from './recorder.ts';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';

function memoryBench(options: Omit<MemoryNetworkOptions, 'clock'>): Bench {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, ...options });
  return {
    client: network.host([CLIENT, '10.0.0.11']),
    server: network.host([SERVER], { total: 6, perAddress: 4 }),
    clientAddress: CLIENT,
    secondAddress: '10.0.0.11',
    serverAddress: SERVER,
    foreignAddress: '10.0.0.99',
    until: async (done) => {
      if (!clock.runUntil(done, 10_000)) throw new Error('it did not come to pass');
    },
    settle: async () => clock.advance(100),
  };
}

describeTransport('in memory', () => memoryBench({}));
describeTransport('in memory, jittered and cut at random', () =>
  memoryBench({ latency: 5, jitter: 20, segments: 'random', random: seededRandom(7) }),
);
describeProtection('in memory', () => memoryBench({}));

interface World {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly left: Connection;
  readonly right: Connection;
  dial(): () => string | undefined;
}

function connected(): World {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, latency: 10 });
  const client = network.host([CLIENT]);
  const accepted: Connection[] = [];
  const dialed: Connection[] = [];
  network
    .host([SERVER])
    .listen(
      { address: SERVER, port: 179 },
      { listening: () => {}, accepted: (at) => accepted.push(at), failed: () => {} },
    );
  const remote = { address: SERVER, port: 179 };
  const options = { remote, interface: undefined, localAddress: undefined, ttl: undefined };
  const dial = (): (() => string | undefined) => {
    let result: string | undefined;
    client.dial(options, {
      connected: (connection) => {
        dialed.push(connection);
        result = 'connected';
      },
      failed: (reason) => {
        result = reason;
      },
    });
    return () => result;
  };
  dial();
  clock.advance(100);
  const [left, right] = [dialed[0], accepted[0]];
  if (left === undefined || right === undefined) throw new Error('not connected');
  return { clock, network, left, right, dial };
}

describe('links in memory', () => {
  test('a message takes the latency of the link', () => {
    const { clock, left, right } = connected();
    const seen = new Recorder(right);
    clock.advance(1);
    left.write(keepalive);
    clock.advance(9);
    expect(seen.count).toBe(0);
    clock.advance(1);
    expect(seen.count).toBe(1);
  });

  test('a cut with resets ends both sides, and dials fail until it is restored', () => {
    const { clock, network, left, right, dial } = connected();
    const ends = [new Recorder(left), new Recorder(right)];
    network.cut(CLIENT, SERVER, 'reset');
    clock.advance(1);
    expect(ends.map(({ reason }) => reason)).toEqual(['reset', 'reset']);
    const result = dial();
    clock.advance(100);
    expect(result()).toBe('unreachable');
    network.restore(SERVER, CLIENT);
    const again = dial();
    clock.advance(100);
    expect(again()).toBe('connected');
  });

  test('a silent cut holds messages, which arrive in order once it is restored', () => {
    const { clock, network, left, right } = connected();
    const seen = new Recorder(right);
    const messages = someUpdates(5);
    network.cut(CLIENT, SERVER, 'silent');
    for (const message of messages) left.write(message);
    clock.advance(60_000);
    expect(seen.log).toEqual([]);
    network.restore(CLIENT, SERVER);
    clock.advance(100);
    expect(seen.messages).toEqual(hexOf(messages));
  });

  test('a dial into silence succeeds when the link comes back, and else times out as on Linux', () => {
    const { clock, network, dial } = connected();
    network.cut(CLIENT, SERVER, 'silent');
    const lucky = dial();
    clock.advance(20_000);
    network.restore(CLIENT, SERVER);
    clock.advance(20_000);
    expect(lucky()).toBe('connected');
    network.cut(CLIENT, SERVER, 'silent');
    const unlucky = dial();
    clock.advance(126_000);
    expect(unlucky()).toBeUndefined();
    clock.advance(2_000);
    expect(unlucky()).toBe('timed-out');
  });

  test('a silent cut of one link leaves the others alone', () => {
    const { clock, network, left, right } = connected();
    const seen = new Recorder(right);
    network.cut(CLIENT, '10.0.0.3', 'silent');
    left.write(keepalive);
    clock.advance(100);
    expect(seen.count).toBe(1);
  });

  test('the same seed gives the same run', () => {
    const run = (): string => {
      const clock = new VirtualClock();
      const random = seededRandom(42);
      const network = new MemoryNetwork({ clock, random, jitter: 50, segments: 'random' });
      const log: string[] = [];
      network.host([SERVER]).listen(
        { address: SERVER, port: 179 },
        {
          listening: () => {},
          failed: () => {},
          accepted: (connection) => {
            const seen = new Recorder(connection);
            seen.onMessage = () => log.push(`${clock.now()} ${seen.octets}`);
          },
        },
      );
      const remote = { address: SERVER, port: 179 };
      network.host([CLIENT]).dial(
        { remote, interface: undefined, localAddress: undefined, ttl: undefined },
        {
          connected: (connection) => connection.write(Buffer.concat(someUpdates(50))),
          failed: () => {},
        },
      );
      clock.advance(10_000);
      return log.join('\n');
    };
    expect(run().split('\n').length).toBe(50);
    expect(run()).toBe(run());
  });
});
