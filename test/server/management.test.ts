import { fork } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_HTTP_LIMITS } from '../../src/server/http-service.ts';
import type { Management } from '../../src/server/management.ts';
import type { RouteRow } from '../../src/server/view.ts';
import { FakeView, fakeRoute } from './fake-view.ts';
import { ask, openTestManagement, scratchDirectory } from './scratch.ts';

let scratch: ReturnType<typeof scratchDirectory>;
const opened: Management[] = [];

beforeEach(() => {
  scratch = scratchDirectory();
});

afterEach(() => {
  for (const management of opened.splice(0)) management.close();
  scratch.remove();
});

async function open(options: Parameters<typeof openTestManagement>[0]): Promise<Management> {
  const management = await openTestManagement(options);
  management.serve(new FakeView());
  opened.push(management);
  return management;
}

const onSocket = (file: string, explicit = true): Promise<Management> =>
  open({ http: undefined, socket: { path: file, explicit } });

describe('control socket', () => {
  test('answers, is made with its directory, and is 0660', async () => {
    const file = path.join(scratch.path, 'run', 'node.sock');
    await onSocket(file);
    expect((await ask(file, '/livez')).status).toBe(200);
    expect(lstatSync(file).mode & 0o777).toBe(0o660);
  });

  test('is removed when management closes', async () => {
    const file = path.join(scratch.path, 'node.sock');
    const management = await onSocket(file);
    management.close();
    expect(existsSync(file)).toBe(false);
  });

  test('a stale file is replaced', async () => {
    const file = path.join(scratch.path, 'node.sock');
    await leaveStaleSocket(file);
    expect(existsSync(file)).toBe(true);
    await onSocket(file);
    expect((await ask(file, '/livez')).status).toBe(200);
  });

  test('a live one is never replaced: an error where it was asked for', async () => {
    const file = path.join(scratch.path, 'node.sock');
    await onSocket(file);
    await expect(onSocket(file)).rejects.toMatchObject({
      code: 'socket-not-available',
      message: 'another process listens on this socket',
    });
    expect((await ask(file, '/livez')).status).toBe(200);
  });

  test('a default that is taken is a warning, told in status over what remains', async () => {
    const file = path.join(scratch.path, 'node.sock');
    await onSocket(file);
    const management = await open({ socket: { path: file, explicit: false } });
    const { body } = await ask(management.status.http ?? '', '/api/v1/status');
    expect(JSON.parse(body).management.warnings).toEqual([
      `socket ${file}: another process listens on this socket ` +
        '(stop the other process, or choose another path with --socket PATH)',
    ]);
  });

  test('a plain file or a directory at its place is left alone', async () => {
    const file = path.join(scratch.path, 'node.sock');
    writeFileSync(file, 'precious');
    await expect(onSocket(file)).rejects.toThrow('a file that is not a socket');
    const directory = path.join(scratch.path, 'directory');
    mkdirSync(directory);
    await expect(onSocket(directory)).rejects.toThrow('a file that is not a socket');
    expect(lstatSync(file).isFile()).toBe(true);
  });

  test('a directory that cannot be made is an error that names the socket', async () => {
    const file = path.join(scratch.path, 'file', 'node.sock');
    writeFileSync(path.join(scratch.path, 'file'), '');
    await expect(onSocket(file)).rejects.toMatchObject({ where: `socket ${file}` });
  });
});

describe('TCP', () => {
  test('a port that is taken is an error where it was asked for, else a warning', async () => {
    const first = await open({});
    const port = Number(first.status.http?.split(':')[1]);
    const http = { address: '127.0.0.1', port };
    await expect(open({ http: { ...http, explicit: true } })).rejects.toMatchObject({
      code: 'http-not-available',
      where: `http 127.0.0.1:${port}`,
    });
    const second = await open({ http: { ...http, explicit: false } });
    expect(second.status.http).toBeUndefined();
    expect(second.status.warnings[0]).toContain('the port is in use');
  });

  test('closing ends open connections', async () => {
    const management = await open({});
    const socket = connectTo(management);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('connect', resolve));
    socket.on('error', () => {});
    management.close();
    await closed;
  });
});

describe('clients that cost too much', () => {
  const limits = {
    ...DEFAULT_HTTP_LIMITS,
    connections: 3,
    headerTime: 100,
    requestTime: 200,
    idleTime: 300,
  };

  test('one that never ends its headers is told so and let go', async () => {
    const socket = connectTo(await open({ limits }));
    socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
    expect(await everything(socket)).toContain('408');
  });

  test('one that says nothing is let go', async () => {
    const socket = connectTo(await open({ limits }));
    await everything(socket);
  });

  test('headers beyond the limit are refused', async () => {
    const socket = connectTo(await open({}));
    socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(10_000_000)}\r\n\r\n`);
    expect(await everything(socket)).toContain('431');
  });

  test('garbage is a bad request', async () => {
    const socket = connectTo(await open({}));
    socket.write('\x16\x03\x01 not HTTP\r\n\r\n');
    expect(await everything(socket)).toContain('400');
  });

  test('one that does not read a big table is let go, and the table is not made for it', async () => {
    const management = await open({ limits });
    const view = new FakeView();
    let made = 0;
    let ended = false;
    view.routeRows = {
      *[Symbol.iterator](): Generator<RouteRow> {
        try {
          for (; ; made++) yield fakeRoute('10.0.0.0/32');
        } finally {
          ended = true;
        }
      },
    };
    management.serve(view);
    const socket = connectTo(management);
    socket.pause();
    socket.on('error', () => {});
    socket.write('GET /api/v1/routes HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(true);
    expect(made).toBeLessThan(200_000);
    expect((await ask(management.status.http ?? '', '/livez')).status).toBe(200);
    socket.destroy();
  });

  test('more connections than allowed are closed, and there is room again afterwards', async () => {
    const management = await open({ limits: { ...DEFAULT_HTTP_LIMITS, connections: 3 } });
    const sockets = Array.from({ length: 5 }, () => connectTo(management));
    let gone = 0;
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.on('close', () => gone++);
    }
    await expect.poll(() => gone).toBe(2);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(() => ask(management.status.http ?? '', '/livez').then(({ status }) => status, String))
      .toBe(200);
  });
});

function connectTo(management: Management): Socket {
  const [host = '', port = ''] = (management.status.http ?? '').split(':');
  return connect({ host, port: Number(port) });
}

/** What a server says until it closes. */
function everything(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

/** A socket file whose process was killed. */
async function leaveStaleSocket(file: string): Promise<void> {
  const script = path.join(scratch.path, 'holder.mjs');
  writeFileSync(
    script,
    `import { createServer } from 'node:net';
     createServer().listen(process.argv[2], () => process.send('listening'));`,
  );
  const child = fork(script, [file], { execArgv: [] });
  await new Promise((resolve) => child.once('message', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
}
