import { expect, test } from 'vitest';
import { compileGlob } from '../../src/net/glob.ts';

test.each([
  ['*', 'eth0', true],
  ['cali*', 'cali12345', true],
  ['cali*', 'eth0', false],
  ['*.cali', 'wireguard.cali', true],
  ['*.cali', 'bpfin.calico', false],
  ['bpf*.cali', 'bpfout.cali', true],
  ['eth?', 'eth0', true],
  ['eth?', 'eth', false],
  ['eth0', 'eth0', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-c-b', false],
  ['e.h0', 'eth0', false],
  ['', '', true],
])('pattern %j on interface %j is %s', (pattern, name, expected) => {
  expect(compileGlob(pattern)(name)).toBe(expected);
});

test('a hostile pattern is not exponential', () => {
  expect(compileGlob(`${'*a'.repeat(5_000)}b`)('a'.repeat(10_000))).toBe(false);
});
