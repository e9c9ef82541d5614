import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { libc } from '../../src/linux/libc.ts';
import { LinuxError } from '../../src/linux/linux-error.ts';
import {
  openListenSocket,
  openTcpSocket,
  setSocketOptions,
  TRAFFIC_CLASS_CS6,
} from '../../src/linux/tcp-socket.ts';

const linux = process.platform === 'linux';

const readInt = (fd: number, level: number, option: number): number => {
  const value = Buffer.alloc(4);
  libc().getOption(fd, level, option, value);
  return value.readInt32LE();
};

test.skipIf(!linux).each([
  ['IPv4', 4, 0, 2, 1],
  ['IPv6', 6, 41, 16, 67],
] as const)('an %s socket gets its TTL and traffic class', (_name, version, level, ttl, tos) => {
  const fd = openTcpSocket(version, { ttl: 1, trafficClass: TRAFFIC_CLASS_CS6, device: 'lo' });
  try {
    expect(readInt(fd, level, ttl)).toBe(1);
    expect(readInt(fd, level, tos)).toBe(0xc0);
    setSocketOptions(fd, version, { ttl: 255 });
    expect(readInt(fd, level, ttl)).toBe(255);
    expect(readInt(fd, level, tos)).toBe(0xc0);
  } finally {
    libc().close(fd);
  }
});

test.skipIf(!linux).each([
  ['IPv4', 4, 0, 21],
  ['IPv6', 6, 41, 73],
] as const)('an %s socket gets the least TTL that it takes', (_name, version, level, minTtl) => {
  const fd = openTcpSocket(version, { minTtl: 255 });
  try {
    expect(readInt(fd, level, minTtl)).toBe(255);
  } finally {
    libc().close(fd);
  }
});

test.skipIf(!linux)('Node listens on a socket that was prepared before it was bound', async () => {
  const prepared: number[] = [];
  const address = Uint8Array.of(127, 0, 0, 1);
  const options = { address, port: 0, ipv6Only: false, ttl: 255 };
  const fd = openListenSocket(options, (at) => prepared.push(at));
  expect(prepared).toEqual([fd]);
  expect(readInt(fd, 0, 2)).toBe(255);
  const server = createServer((peer) => peer.end('hello'));
  server.listen({ fd });
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  const socket = connect(port, '127.0.0.1');
  const [greeting] = await once(socket, 'data');
  expect(String(greeting)).toBe('hello');
  socket.destroy();
  server.close();
});

test.skipIf(!linux)('a port that is taken is an error of the system', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0;
  const address = Uint8Array.of(127, 0, 0, 1);
  expect(() => openListenSocket({ address, port, ipv6Only: false }, () => {})).toThrow(
    expect.objectContaining({ errno: 'EADDRINUSE' }),
  );
  server.close();
});

test.skipIf(!linux)('Node connects such a socket', async () => {
  const server = createServer((peer) => peer.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const socket = new Socket({ fd: openTcpSocket(4, { ttl: 3 }) });
  socket.connect({ host: '127.0.0.1', port, localAddress: '127.0.0.1' });
  const [greeting] = await once(socket, 'data');
  expect(String(greeting)).toBe('hello');
  socket.destroy();
  server.close();
});

test.skipIf(!linux)('an option that the kernel refuses is named', () => {
  expect(() => openTcpSocket(4, { device: 'no-such-device' })).toThrow(
    expect.objectContaining({ errno: 'ENODEV', message: 'setsockopt failed with ENODEV' }),
  );
  expect(() => setSocketOptions(-1, 4, { ttl: 1 })).toThrow(LinuxError);
});
