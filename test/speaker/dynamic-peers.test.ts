import { expect, test } from 'vitest';
import { DynamicPeers } from '../../src/speaker/dynamic-peers.ts';
import type { Peer } from '../../src/speaker/peer.ts';

const peer = (): Peer => ({}) as Peer;

test('counts those of each range that are there', () => {
  const peers = new DynamicPeers();
  const [first, second, other] = [peer(), peer(), peer()];
  peers.add(first, '10.0.0.0/8');
  peers.add(second, '10.0.0.0/8');
  peers.add(other, 'fd00::/8');
  expect(peers.countOf('10.0.0.0/8')).toBe(2);
  expect(peers.countOf('fd00::/8')).toBe(1);
  expect(peers.countOf('192.0.2.0/24')).toBe(0);
  peers.delete(first);
  peers.delete(first);
  expect(peers.countOf('10.0.0.0/8')).toBe(1);
  expect([...peers.entries]).toEqual([
    [second, '10.0.0.0/8'],
    [other, 'fd00::/8'],
  ]);
  peers.delete(second);
  expect(peers.countOf('10.0.0.0/8')).toBe(0);
  expect([peers.has(second), peers.has(other)]).toEqual([false, true]);
});
