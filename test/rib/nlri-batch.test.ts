import { expect, test } from 'vitest';
import { NlriBatch } from '../../src/rib/nlri-batch.ts';

const field = (...octets: number[]): Buffer => Buffer.from(octets);

test('a batch keeps nothing of the field before', () => {
  const batch = new NlriBatch();
  const read = (bytes: Buffer, family: 'ipv4-unicast' | 'ipv6-unicast', addPath: boolean): void => {
    batch.begin(bytes, 0, bytes.length, family, addPath);
    expect(batch.next()).toBe(true);
  };
  const wide = [64, 0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4];
  read(field(0, 0, 0, 7, ...wide, 0, 0, 0, 8, ...wide), 'ipv6-unicast', true);
  expect([...batch.pathIds.subarray(0, 3)]).toEqual([7, 8, 0]);
  expect([...batch.word1.subarray(0, 3)]).toEqual([0x01020304, 0x01020304, 0]);
  read(field(24, 10, 1, 2, 24, 10, 1, 3), 'ipv4-unicast', false);
  expect(batch.count).toBe(2);
  expect([...batch.word0.subarray(0, 2)]).toEqual([0x0a010200, 0x0a010300]);
  for (const column of [batch.pathIds, batch.word1, batch.word2, batch.word3])
    expect([...column.subarray(0, 2)]).toEqual([0, 0]);
  read(field(...wide), 'ipv6-unicast', false);
  expect([batch.pathIds[0], batch.word1[0]]).toEqual([0, 0x01020304]);
});
