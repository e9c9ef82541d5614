import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { processClock } from '../../../src/runtime/process-clock.ts';
import { DEFAULT_BIRD_LIMITS } from '../../../src/server/bird/bird-client.ts';
import { BirdSockets } from '../../../src/server/bird/bird-sockets.ts';
import { fakeRoute } from '../fake-view.ts';
import { scratchDirectory } from '../scratch.ts';
import { RecordedNode } from './recorded-node.ts';

let scratch: ReturnType<typeof scratchDirectory>;
let sockets: BirdSockets;
let view: RecordedNode;
let clients: Socket[];

beforeEach(async () => {
  scratch = scratchDirectory();
  view = new RecordedNode();
  clients = [];
  sockets = await openSockets();
});

afterEach(() => {
  for (const client of clients) client.destroy();
  sockets.close();
  scratch.remove();
});

async function openSockets(limits = DEFAULT_BIRD_LIMITS): Promise<BirdSockets> {
  const opened = new BirdSockets({
    directory: scratch.path,
    clock: processClock,
    logger: silentLogger,
    version: '0.1.0',
    interfaces: () => [],
    limits,
  });
  await opened.open();
  opened.serve(view);
  return opened;
}

const GREETING = '0001 BIRD v1.6.8+bengal0.1.0 ready.\n';
const STATUS_END = '0013 Daemon is up and running\n';

function dial(file = 'bird.ctl'): Socket {
  const socket = connect(path.join(scratch.path, file));
  socket.on('error', () => {});
  clients.push(socket);
  return socket;
}

/** Resolves with all that was read once `end` was. */
function readUntil(socket: Socket, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (data: Buffer) => {
      text += data.toString('latin1');
      if (text.endsWith(end)) resolve(text);
    });
    socket.on('close', () => reject(new Error(`closed after: ${text.slice(-200)}`)));
  });
}

const closed = (socket: Socket): Promise<unknown> =>
  new Promise((resolve) => socket.once('close', resolve));

describe('the sockets', () => {
  test('greet, answer two commands of one write in order, and go when closed', async () => {
    const socket = dial();
    socket.write('show bogus\nshow status\n');
    const text = await readUntil(socket, STATUS_END);
    expect(text.startsWith(`${GREETING}9001 syntax error\n1000-BIRD `)).toBe(true);
    sockets.close();
    await closed(socket);
    await expect.poll(() => existsSync(path.join(scratch.path, 'bird.ctl'))).toBe(false);
  });

  test('take a command in pieces and with CR LF', async () => {
    const socket = dial();
    await readUntil(socket, GREETING);
    for (const part of ['show ', 'sta', 'tus\r\n']) {
      socket.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await readUntil(socket, STATUS_END)).toContain('1011-Router ID is 10.0.0.1\n');
  });

  test('keep the families apart', async () => {
    view.routeRows = [fakeRoute('10.1.0.0/26'), fakeRoute('fd00::/64')];
    const four = dial();
    four.end('show route count\n');
    const six = dial('bird6.ctl');
    six.end('show route\n');
    expect(await readUntil(four, 'networks\n')).toContain('0014 1 of 1 routes for 1 networks');
    expect(await readUntil(six, '0000 \n')).toContain('1007-fd00::/64');
  });

  test('say nothing before there is a configuration, as BIRD does not run then', async () => {
    view.state = 'waiting-for-datastore';
    await closed(dial());
    view.state = 'running';
    await readUntil(dial(), GREETING);
    view.state = 'starting';
    await readUntil(dial(), GREETING);
  });

  test('a second daemon does not take them away', async () => {
    await expect(openSockets()).rejects.toMatchObject({ code: 'socket-not-available' });
    await readUntil(dial(), GREETING);
  });
});

describe('clients that mean no good', () => {
  test('a line of 10 MB costs nothing and is one error', async () => {
    const socket = dial();
    socket.write(Buffer.alloc(10 * 1024 * 1024, 'x'));
    socket.write('\nshow status\n');
    const text = await readUntil(socket, STATUS_END);
    expect(text.split('\n')[1]).toBe('9000 Command too long');
  });

  test('any octets are answered with one final line for each line', async () => {
    const input = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(input, async (octets) => {
        const socket = dial();
        socket.write(Buffer.concat([octets, Buffer.from('\nshow status\n')]));
        const text = await readUntil(socket, STATUS_END);
        const count = octets.filter((octet) => octet === 0x0a).length;
        expect(text.match(/^\d{4} /gm)?.length).toBe(count + 3);
        socket.destroy();
      }),
      { numRuns: Number(process.env['FC_RUNS'] ?? 100) },
    );
  });

  test('a client that never reads is let go, and holds back nobody', async () => {
    sockets.close();
    sockets = await openSockets({ ...DEFAULT_BIRD_LIMITS, stallTime: 100 });
    let asked = 0;
    view.routes = function* () {
      for (;;) yield fakeRoute(`10.${asked >>> 8}.${asked++ & 0xff}.0/24`);
    };
    const stalled = dial();
    stalled.pause();
    stalled.write('show route\n');
    const gone = closed(stalled);
    const other = dial();
    other.write('show status\n');
    await readUntil(other, STATUS_END);
    await expect.poll(() => asked).toBeGreaterThan(0);
    let before = -1;
    const isQuiet = (): boolean => {
      const quiet = asked === before;
      before = asked;
      return quiet;
    };
    await expect.poll(isQuiet, { interval: 50 }).toBe(true);
    expect(asked).toBeLessThan(100_000);
    await expect.poll(() => sockets.clients).toBe(1);
    stalled.resume();
    await gone;
  });

  test('of 200 idle clients the oldest give way, so that a probe is always answered', async () => {
    const idle = Array.from({ length: 200 }, () => dial());
    let gone = 0;
    for (const socket of idle) socket.on('close', () => gone++).resume();
    await expect.poll(() => gone).toBe(200 - DEFAULT_BIRD_LIMITS.clients);
    const probe = dial();
    probe.write('show status\n');
    await readUntil(probe, STATUS_END);
  });
});

const BIRDC = path.join(process.env['BIRD_1_6'] ?? '/nowhere', 'birdc');

describe.skipIf(!existsSync(BIRDC))(
  'the real birdc of BIRD 1.6 (BIRD_1_6 names its folder)',
  () => {
    const birdc = async (...words: string[]): Promise<string> => {
      const file = path.join(scratch.path, 'bird.ctl');
      return (await promisify(execFile)(BIRDC, ['-s', file, ...words])).stdout;
    };

    test('shows status, protocols and routes', async () => {
      expect(await birdc('show', 'status')).toMatch(/^BIRD v1\.6\.8.* ready\.\n/);
      const protocols = await birdc('show', 'protocols', 'all', 'Mesh_10_0_0_2');
      expect(protocols).toContain('BGP state:          Established');
      expect(await birdc('show', 'route')).toMatch(/^10\.96\.0\.0\/16 +blackhole \[static1 /m);
      expect(await birdc('-r', 'show', 'route', 'count')).toContain('18 of 18 routes');
    });
  },
);
