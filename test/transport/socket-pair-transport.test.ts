import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { platformFeatures } from '../../src/linux/platform-features.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { SocketPairTransport } from '../../src/transport/socket-pair-transport.ts';
import type { Connection, Endpoint, Listener } from '../../src/transport/transport.ts';
import { keepalive } from './messages.ts';
import { hexOf, Recorder } from './recorder.ts';

const native = platformFeatures().some(
  ({ name, available }) => name === 'native-calls' && available,
);

const LOCAL: Endpoint = { address: '192.0.2.1', port: 179 };
const REMOTE: Endpoint = { address: '192.0.2.10', port: 32_768 };

const soon = (): Promise<void> => new Promise((resolve) => processClock.soon(resolve));
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

describe.skipIf(!native)('socket pairs (Linux with koffi)', () => {
  let transport: SocketPairTransport;
  let listener: Listener;
  let listening: Endpoint | undefined;
  let accepted: Connection[];

  beforeEach(async () => {
    transport = new SocketPairTransport(processClock);
    accepted = [];
    listener = transport.listen(LOCAL, {
      listening: (local) => {
        listening = local;
      },
      accepted: (connection) => accepted.push(connection),
      failed: (error) => {
        throw error;
      },
    });
    await soon();
  });

  afterEach(() => listener.close());

  test('it listens, and what it accepts has the ends that were given', () => {
    const client = transport.connect(REMOTE, LOCAL);
    expect(listening).toEqual(LOCAL);
    expect(accepted).toMatchObject([{ local: LOCAL, remote: REMOTE }]);
    accepted[0]?.destroy();
    client.destroy();
  });

  test('carries messages both ways, and tells that the other end has closed', async () => {
    const client = transport.connect(REMOTE, LOCAL);
    const [server] = accepted;
    const recorder = new Recorder(server);
    const heard = new Promise<Buffer>((resolve) => client.once('data', resolve));
    server?.write(keepalive);
    expect(await heard).toEqual(Buffer.from(keepalive));
    const message = new Promise<void>((resolve) => {
      recorder.onMessage = resolve;
    });
    client.write(keepalive);
    await message;
    expect(recorder.messages).toEqual(hexOf([keepalive]));
    const gone = closed(client);
    server?.end();
    await gone;
    while (recorder.reason === undefined) await soon();
    expect(recorder.reason).toBe('ended');
  });

  test('closes at once what comes when nobody listens', async () => {
    listener.close();
    const client = transport.connect(REMOTE, LOCAL);
    client.resume();
    await closed(client);
    expect(accepted).toEqual([]);
  });

  test('dials nobody', async () => {
    const reasons: string[] = [];
    const remote = {
      remote: REMOTE,
      interface: undefined,
      localAddress: undefined,
      ttl: undefined,
    };
    transport.dial(remote, {
      connected: () => reasons.push('connected'),
      failed: (reason) => reasons.push(reason),
    });
    const giveUp = transport.dial(remote, {
      connected: () => reasons.push('connected'),
      failed: (reason) => reasons.push(`given up: ${reason}`),
    });
    giveUp();
    await soon();
    expect(reasons).toEqual(['unreachable']);
  });
});
