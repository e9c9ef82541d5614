import { describe, expect, test } from 'vitest';
import { ATTRIBUTES } from '../../src/wire/attributes/table.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import type { Reachable } from '../../src/wire/update-scan.ts';
import { context, hex, octets } from './fixtures.ts';

const ORIGIN = '40010100';
const AS_PATH = '400206 0201 0000fde9';
const NEXT_HOP = '400304 c0000201';
const LOCAL_PREF = '400504 00000064';
const BASIC = `${ORIGIN}${AS_PATH}${NEXT_HOP}${LOCAL_PREF}`;
const GLOBAL = '20010db8000000000000000000000001';
const LINK_LOCAL = 'fe800000000000000000000000000002';
const NOTHING = '0'.repeat(32);
const EBGP = context({ kind: 'ebgp' });

const decode = (block: string, of: CodecContext = context(), reachable: Reachable = 'classic') => {
  const bytes = hex(block);
  return decodeAttributes(bytes, 0, bytes.length, of, reachable);
};

const withdrawn = (type: number, reason: string) => ({
  disposition: 'withdraw',
  remedies: [{ type, remedy: 'withdraw', reason }],
});

const discarded = (type: number, reason: string) => ({
  disposition: 'accept',
  remedies: [{ type, remedy: 'discard', reason }],
});

const twoOctets = (value: number): string => value.toString(16).padStart(2, '0');

describe('attributes', () => {
  test('are accepted as they are', () => {
    expect(decode(BASIC)).toMatchObject({ disposition: 'accept', remedies: [], verbatim: true });
  });

  test('may come in any order', () => {
    expect(decode(LOCAL_PREF + NEXT_HOP + AS_PATH + ORIGIN)).toEqual(decode(BASIC));
  });

  test.each([1, 2, 3])('need type %i', (type) => {
    const parts = [ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF];
    const block = parts.filter((_, index) => index !== type - 1).join('');
    expect(decode(block)).toMatchObject({
      disposition: 'withdraw',
      remedies: [{ type, remedy: 'withdraw', reason: 'missing-attribute' }],
    });
    expect(decode(block, context(), 'none')).toMatchObject({ disposition: 'accept' });
  });

  test('assume LOCAL_PREF 100 from iBGP and nothing from eBGP', () => {
    const block = ORIGIN + AS_PATH + NEXT_HOP;
    expect(decode(block)).toMatchObject({
      disposition: 'accept',
      attributes: { localPref: 100 },
      remedies: [{ type: 5, remedy: 'default', reason: 'missing-local-pref' }],
      verbatim: false,
    });
    expect(decode(block, EBGP)).toMatchObject({
      attributes: { localPref: undefined },
      remedies: [],
    });
  });

  test('keep the first of two and go on', () => {
    expect(decode(`${BASIC}80040400000001 80040400000002`)).toMatchObject({
      ...discarded(4, 'duplicate-attribute'),
      attributes: { med: 1 },
    });
    expect(decode(`${BASIC}c0fe01aa c0fe01bb`)).toMatchObject({
      ...discarded(254, 'duplicate-attribute'),
      attributes: { unknown: [{ type: 254, value: octets('aa') }] },
    });
  });

  test.each(['40', '4001', '5001 00', '400105 00', 'c0080400'])(
    'withdraw when %j is left at the end',
    (rest) => {
      expect(decode(BASIC + rest)).toMatchObject({ disposition: 'withdraw' });
    },
  );

  test('reset where an error has no route to withdraw', () => {
    expect(decode('40010103', context(), 'none')).toMatchObject({
      disposition: 'reset',
      error: { code: 3, subcode: 1, reason: 'error-without-nlri' },
    });
    expect(decode('40060101', context(), 'none')).toMatchObject({ disposition: 'accept' });
  });

  test('ignore NEXT_HOP for routes of MP_REACH_NLRI', () => {
    const reach = '800e150002011020010db8000000000000000000000001 00';
    const bad = '400304 00000000';
    expect(decode(reach + ORIGIN + AS_PATH + bad + LOCAL_PREF, context(), 'mp')).toMatchObject({
      disposition: 'accept',
      remedies: [],
      attributes: { nextHop: octets('20010db8000000000000000000000001') },
      verbatim: false,
    });
    expect(decode(ORIGIN + AS_PATH + bad + LOCAL_PREF)).toMatchObject(
      withdrawn(3, 'no-host-address'),
    );
  });

  test.each([
    ['a link-local second half', GLOBAL, LINK_LOCAL],
    ['a global second half', GLOBAL, GLOBAL],
    ['only a link-local address', NOTHING, LINK_LOCAL],
  ])('read a 32-octet next hop with %s', (_what, first, second) => {
    const block = `800e2500020120${first}${second}00${ORIGIN}${AS_PATH}${LOCAL_PREF}`;
    const linkLocal = second === LINK_LOCAL ? octets(second) : undefined;
    expect(decode(block, context(), 'mp')).toMatchObject({
      attributes: {
        nextHop: first === NOTHING ? linkLocal : octets(first),
        linkLocalNextHop: linkLocal,
      },
    });
  });

  test.each(['7f000001', 'e0000001', 'f0000001', 'ffffffff', '00000001'])(
    'withdraw next hop %s',
    (address) => {
      const block = `${ORIGIN}${AS_PATH}400304${address}${LOCAL_PREF}`;
      expect(decode(block)).toMatchObject(withdrawn(3, 'no-host-address'));
    },
  );

  test.each([
    ['02ff 0000fde9', 'bad-segment'],
    ['0200', 'bad-segment'],
    ['0501 0000fde9', 'bad-segment'],
    ['0001 0000fde9', 'bad-segment'],
    ['0201 0000fde9 02', 'bad-segment'],
    ['0201 00000000', 'as-zero'],
    ['0301 0000fde9', 'confed-segment'],
  ])('withdraw AS_PATH %s from eBGP', (path, reason) => {
    const size = twoOctets(octets(path).length);
    const block = `${ORIGIN}4002${size}${path}${NEXT_HOP}`;
    expect(decode(block, EBGP)).toMatchObject(withdrawn(2, reason));
  });

  test('take an AS_SET and, from iBGP, confederation segments', () => {
    const block = `${ORIGIN}40020c 0301 0000fde9 0101 0000fdea ${NEXT_HOP}${LOCAL_PREF}`;
    expect(decode(block)).toMatchObject({
      disposition: 'accept',
      attributes: {
        asPath: [
          { type: 'confed-sequence', asns: [65001] },
          { type: 'set', asns: [65002] },
        ],
      },
    });
  });

  test('pass unknown optional transitive ones on with Partial, whatever they hold', () => {
    expect(decode(`${BASIC}c0ff00`)).toMatchObject({
      disposition: 'accept',
      remedies: [],
      attributes: { unknown: [{ flags: 0xe0, type: 255, value: new Uint8Array(0) }] },
      verbatim: false,
    });
    expect(decode(`${BASIC}e0ff00`)).toMatchObject({ verbatim: true });
  });

  test('drop unknown non-transitive ones, and withdraw for unknown well-known ones', () => {
    expect(decode(`${BASIC}80ff00`)).toMatchObject({
      ...discarded(255, 'unknown-non-transitive'),
      attributes: { unknown: [] },
    });
    expect(decode(`${BASIC}40ff00`)).toMatchObject(withdrawn(255, 'unknown-well-known'));
  });

  test('keep one of equal large communities, which must not be sent on as they are', () => {
    const value = '000000010000000200000003';
    expect(decode(`${BASIC}c02018${value}${value}`)).toMatchObject({
      remedies: [],
      attributes: { largeCommunities: [{ global: 1, local1: 2, local2: 3 }] },
      verbatim: false,
    });
  });

  test('are not verbatim when an unused flag bit is set', () => {
    expect(decode(`41${BASIC.slice(2)}`)).toMatchObject({ remedies: [], verbatim: false });
  });
});

describe.each(ATTRIBUTES.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  const others = [ORIGIN, AS_PATH, NEXT_HOP, LOCAL_PREF].filter(
    (_, index) => [1, 2, 3, 5][index] !== row.type,
  );
  const type = twoOctets(row.type);

  test.each([0x00, 0x40, 0x80, 0xc0])('with flags %i', (flags) => {
    const block = `${others.join('')}${twoOctets(flags)}${type}00`;
    const bad = flags !== row.category;
    const { remedies } = decode(block);
    const mine = remedies.filter((remedy) => remedy.type === row.type);
    const flagged = { type: row.type, remedy: row.badFlags, reason: 'bad-flags' };
    if (bad) expect(mine).toEqual([flagged]);
    else expect(mine).not.toContainEqual(flagged);
  });

  test.each([1, 2, 3, 5, 7, 9, 13, 255])('of %i octets never harms the session', (length) => {
    const header = `${twoOctets(row.category)}${type}${twoOctets(length)}`;
    for (const of of [context(), EBGP, context({ as4: false })]) {
      const { disposition, remedies } = decode(
        `${others.join('')}${header}${'01'.repeat(length)}`,
        of,
      );
      expect(disposition).not.toBe('reset');
      const mine = remedies.filter((remedy) => remedy.type === row.type);
      expect(mine.length).toBeLessThanOrEqual(1);
      for (const { remedy } of mine) expect(['discard', row.malformed]).toContain(remedy);
    }
  });

  test('keeps its remedy when empty', () => {
    const { remedies } = decode(`${others.join('')}${twoOctets(row.category)}${type}00`);
    const empty = [2, 6].includes(row.type);
    const expected = empty ? [] : [expect.objectContaining({ remedy: row.malformed })];
    expect(remedies.filter((remedy) => remedy.type === row.type)).toEqual(expected);
  });
});

test.each(ATTRIBUTES.filter((row) => row.ibgpOnly))(
  '$name from eBGP is discarded, whatever it holds',
  ({ type, category }) => {
    const block = `${ORIGIN}${AS_PATH}${NEXT_HOP}${twoOctets(category)}${twoOctets(type)}03aabbcc`;
    expect(decode(block, EBGP)).toMatchObject(discarded(type, 'not-from-ebgp'));
  },
);
