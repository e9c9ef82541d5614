import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { AttributeScan, scanAttributes } from '../../src/wire/scan-attributes.ts';
import { context, hex } from './fixtures.ts';
import { type AttributeBlock, anyBlock, RUNS, usualBlock } from './generators.ts';

const ORIGIN = '40010100';
const AS_PATH = '400206 0201 0000fde9';
const NEXT_HOP = '400304 c0000201';
const LOCAL_PREF = '400504 00000064';
const BASIC = `${ORIGIN}${AS_PATH}${NEXT_HOP}${LOCAL_PREF}`;

const scanned = ({ bytes, context: of, reachable }: AttributeBlock): AttributeScan | undefined => {
  const scan = new AttributeScan();
  return scanAttributes(bytes, 0, bytes.length, of, reachable, scan) ? scan : undefined;
};

const scannedHex = (block: string, kind: 'ibgp' | 'ebgp' = 'ibgp') =>
  scanned({ bytes: hex(block), context: context({ kind }), reachable: 'classic' });

describe('scan of an attribute block', () => {
  test('passes usual blocks, so that hardly any has to be decoded', () => {
    fc.assert(
      fc.property(usualBlock, (block) => {
        expect(scanned(block)).toBeDefined();
      }),
      RUNS,
    );
  });

  test('passes nothing that decoding would not take as it is', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        const scan = scanned(block);
        if (scan === undefined) return;
        const { bytes, context: of, reachable } = block;
        const decoded = decodeAttributes(bytes, 0, bytes.length, of, reachable);
        if (decoded.disposition !== 'accept') throw new Error(decoded.disposition);
        expect(decoded.remedies).toEqual([]);
        expect(decoded.verbatim).toBe(true);
        const { origin, med, localPref, originatorId, nextHop } = decoded.attributes;
        expect(['igp', 'egp', 'incomplete'][scan.origin]).toBe(origin);
        expect(scan).toMatchObject({ med, localPref, originatorId });
        const address = bytes.subarray(scan.nextHopStart, scan.nextHopEnd);
        expect(Uint8Array.from(address)).toEqual(nextHop);
      }),
      { numRuns: 10 * RUNS.numRuns },
    );
  });

  test.each([
    ['without ORIGIN', `${AS_PATH}${NEXT_HOP}${LOCAL_PREF}`],
    ['without a next hop', `${ORIGIN}${AS_PATH}${LOCAL_PREF}`],
    ['without LOCAL_PREF', `${ORIGIN}${AS_PATH}${NEXT_HOP}`],
    ['with an attribute twice', `${BASIC}${ORIGIN}`],
    ['with AS number 0', `${ORIGIN}400206 0201 00000000${NEXT_HOP}${LOCAL_PREF}`],
    ['with a segment that is cut short', `${ORIGIN}400206 0202 0000fde9${NEXT_HOP}${LOCAL_PREF}`],
    ['with unused flags', `41010100${AS_PATH}${NEXT_HOP}${LOCAL_PREF}`],
    ['with wrong flags', `c0010100${AS_PATH}${NEXT_HOP}${LOCAL_PREF}`],
    ['with a multicast next hop', `${ORIGIN}${AS_PATH}400304e0000001${LOCAL_PREF}`],
    ['with an unknown attribute', `${BASIC}e0630101`],
    [
      'with LARGE_COMMUNITY twice the same',
      `${BASIC}c02018${'000000010000000200000003'.repeat(2)}`,
    ],
    ['that ends in a header', `${BASIC}4001`],
    ['that ends in a value', `${BASIC}80040400`],
  ])('leaves a block %s to the decoder', (_, block) => {
    expect(scannedHex(block)).toBeUndefined();
  });

  test('leaves attributes that only iBGP has to the decoder when they come from outside', () => {
    expect(scannedHex(BASIC, 'ebgp')).toBeUndefined();
    expect(scannedHex(`${ORIGIN}${AS_PATH}${NEXT_HOP}`, 'ebgp')).toBeDefined();
  });
});
