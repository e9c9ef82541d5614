import { describe, expect, test } from 'vitest';
import { platformFeatures } from '../../src/linux/platform-features.ts';
import { md5Option, removeMd5Key, setMd5Key } from '../../src/linux/tcp-md5.ts';
import { closeTcpSocket, openTcpSocket } from '../../src/linux/tcp-socket.ts';

const V4 = Uint8Array.of(192, 0, 2, 1);
const V6 = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const KEY = Buffer.from('secret');

const hex = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes).toString('hex', from, to);

describe('struct tcp_md5sig', () => {
  test('holds the address, the length of the key and the key', () => {
    const bytes = md5Option(4, { address: V4, length: 32 }, KEY);
    expect(bytes.length).toBe(216);
    expect(hex(bytes, 0, 8)).toBe('02000000c0000201');
    expect(hex(bytes, 128, 142)).toBe('0000060000000000736563726574');
    expect(bytes.subarray(8, 128).every((octet) => octet === 0)).toBe(true);
  });

  test('holds an IPv6 address behind the flow label', () => {
    const bytes = md5Option(6, { address: V6, length: 128 }, KEY);
    expect(hex(bytes, 0, 24)).toBe('0a0000000000000020010db8000000000000000000000001');
  });

  test('maps IPv4 on a socket of IPv6, and counts the prefix in IPv4 bits', () => {
    const bytes = md5Option(6, { address: V4, length: 24 }, KEY);
    expect(hex(bytes, 0, 24)).toBe('0a0000000000000000000000000000000000ffffc0000201');
    expect(hex(bytes, 128, 132)).toBe('01180600');
  });

  test('a removed key has no length', () => {
    expect(hex(md5Option(4, { address: V4, length: 32 }, new Uint8Array(0)), 130, 132)).toBe(
      '0000',
    );
  });
});

const native = platformFeatures().some(({ name, available }) => name === 'tcp-md5' && available);

test.skipIf(!native).each([
  ['an address', 4, { address: V4, length: 32 }],
  ['a prefix', 4, { address: Uint8Array.of(192, 0, 2, 0), length: 24 }],
  ['a mapped address', 6, { address: V4, length: 32 }],
  ['a mapped prefix', 6, { address: Uint8Array.of(192, 0, 2, 0), length: 24 }],
  ['an IPv6 address', 6, { address: V6, length: 128 }],
] as const)('the kernel takes, changes and forgets the key of %s', (_name, version, peer) => {
  const fd = openTcpSocket(version, {});
  try {
    setMd5Key(fd, version, peer, KEY);
    setMd5Key(fd, version, peer, Buffer.from('another'));
    removeMd5Key(fd, version, peer);
    expect(() => removeMd5Key(fd, version, peer)).toThrow(
      expect.objectContaining({ errno: 'ENOENT' }),
    );
  } finally {
    closeTcpSocket(fd);
  }
});
