import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { portHolder, unixSocketHolder } from '../../src/linux/socket-holder.ts';

const linux = process.platform === 'linux';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(at: { host: string; port: number } | { path: string }): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(at);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const OTHER_LOOPBACK = Uint8Array.of(127, 0, 0, 2);
const LOOPBACK_V6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

test.skipIf(!linux)('names the process that listens on a port', async () => {
  const port = await listen({ host: '127.0.0.1', port: 0 });
  expect(portHolder(port)).toMatchObject({ pid: process.pid, command: expect.stringMatching(/./) });
  expect(portHolder(port, LOOPBACK)?.pid).toBe(process.pid);
  expect(portHolder(port, OTHER_LOOPBACK)).toBeUndefined();
});

test.skipIf(!linux)('knows that a listener on any address holds every address', async () => {
  const port = await listen({ host: '0.0.0.0', port: 0 });
  expect(portHolder(port, OTHER_LOOPBACK)?.pid).toBe(process.pid);
});

test.skipIf(!linux)('finds an IPv6 listener by its address', async () => {
  const port = await listen({ host: '::1', port: 0 });
  expect(portHolder(port, LOOPBACK_V6)?.pid).toBe(process.pid);
  expect(portHolder(port, LOOPBACK)).toBeUndefined();
});

test.skipIf(!linux)('finds nobody on a port that was closed', async () => {
  const port = await listen({ host: '127.0.0.1', port: 0 });
  const [server] = servers.splice(0);
  server?.close();
  if (server !== undefined) await once(server, 'close');
  expect(portHolder(port)).toBeUndefined();
});

test.skipIf(!linux)('names the process that holds a Unix socket', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bengal test-'));
  const socket = path.join(folder, 'control.sock');
  await listen({ path: socket });
  expect(unixSocketHolder(socket)?.pid).toBe(process.pid);
  expect(unixSocketHolder(`${socket}.other`)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
