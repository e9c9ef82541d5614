import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_NLRI_LENGTH,
  nlriEnd,
  readIpv4Word,
  readIpv6Word,
  readPathId,
  readPrefix,
  writeIpv4,
  writeIpv6,
  writePathId,
  writePrefix,
} from '../../src/wire/nlri.ts';
import { hex } from './fixtures.ts';
import { prefixOf, RUNS } from './generators.ts';

const wordsOf = (address: Uint8Array): number[] => {
  const bytes = Buffer.from(address);
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i));
};

describe('prefixes in NLRI', () => {
  test('are the same as words and as objects, IPv4', () => {
    fc.assert(
      fc.property(prefixOf('ipv4-unicast'), fc.nat(0xffffffff), (prefix, pathId) => {
        const out = Buffer.alloc(MAX_NLRI_LENGTH, 0xee);
        const [word = 0] = wordsOf(prefix.address);
        const at = writePathId(out, 0, pathId);
        const end = writeIpv4(out, at, word, prefix.length);
        expect(nlriEnd(out, at)).toBe(end);
        expect(readPathId(out, 0)).toBe(pathId);
        expect(readIpv4Word(out, at)).toBe(word);
        expect(readPrefix(out, at, 'ipv4-unicast')).toEqual(prefix);
        const other = Buffer.alloc(MAX_NLRI_LENGTH);
        expect(writePrefix(other, at, prefix)).toBe(end);
        expect(other.subarray(at, end)).toEqual(out.subarray(at, end));
      }),
      RUNS,
    );
  });

  test('are the same as words and as objects, IPv6', () => {
    fc.assert(
      fc.property(prefixOf('ipv6-unicast'), (prefix) => {
        const out = Buffer.alloc(MAX_NLRI_LENGTH, 0xee);
        const [a = 0, b = 0, c = 0, d = 0] = wordsOf(prefix.address);
        const end = writeIpv6(out, 0, a, b, c, d, prefix.length);
        expect(nlriEnd(out, 0)).toBe(end);
        expect([0, 1, 2, 3].map((i) => readIpv6Word(out, 0, i))).toEqual([a, b, c, d]);
        expect(readPrefix(out, 0, 'ipv6-unicast')).toEqual(prefix);
        const other = Buffer.alloc(MAX_NLRI_LENGTH);
        expect(writePrefix(other, 0, prefix)).toBe(end);
        expect(other.subarray(0, end)).toEqual(out.subarray(0, end));
      }),
      RUNS,
    );
  });

  test('lose their host bits', () => {
    expect(readIpv4Word(hex('0cffff'), 0)).toBe(0xfff00000);
    expect(readIpv4Word(hex('00'), 0)).toBe(0);
    expect(readIpv6Word(hex(`21${'ff'.repeat(5)}`), 0, 1)).toBe(0x80000000);
    expect(readPrefix(hex('0cffff'), 0, 'ipv4-unicast').address).toEqual(
      Uint8Array.of(255, 240, 0, 0),
    );
  });
});
