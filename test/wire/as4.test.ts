import { describe, expect, test } from 'vitest';
import { mergeAs4Path } from '../../src/wire/attributes/as4-path.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import type { AsPathSegment } from '../../src/wire/path-attributes.ts';
import { context, hex } from './fixtures.ts';

const OLD = context({ as4: false });
const sequence = (...asns: number[]): AsPathSegment => ({ type: 'sequence', asns });
const set = (...asns: number[]): AsPathSegment => ({ type: 'set', asns });
const confed = (...asns: number[]): AsPathSegment => ({ type: 'confed-sequence', asns });

describe('AS4_PATH', () => {
  test.each([
    [
      'stands behind the leading AS numbers that it lacks',
      [sequence(1, 2, 23456)],
      [sequence(2, 70000)],
      [sequence(1, 2, 70000)],
    ],
    ['may be the whole path', [sequence(23456)], [sequence(70000)], [sequence(70000)]],
    ['is ignored when it is longer', [sequence(1)], [sequence(1, 70000)], [sequence(1)]],
    [
      'counts a set as one',
      [sequence(1), set(5, 6, 7), sequence(23456)],
      [set(5, 6, 70000), sequence(70001)],
      [sequence(1), set(5, 6, 70000), sequence(70001)],
    ],
    [
      'leaves confederation segments that lead or touch what is kept',
      [confed(9), sequence(1), confed(8), sequence(23456)],
      [sequence(70000)],
      [confed(9), sequence(1), confed(8), sequence(70000)],
    ],
    ['of nothing keeps AS_PATH', [sequence(1, 2)], [], [sequence(1, 2)]],
  ])('%s', (_what, asPath, as4Path, merged) => {
    expect(mergeAs4Path(asPath, as4Path)).toEqual(merged);
  });
});

describe('a 2-octet session', () => {
  const BASIC = '40010100 400304c0000201 40050400000064';
  const PATH = '400206 0202 0001 5ba0';
  const AS4_PATH = 'c01106 0201 00011170';
  const decode = (block: string) => {
    const bytes = hex(block);
    const decoded = decodeAttributes(bytes, 0, bytes.length, OLD, 'classic');
    if (decoded.disposition === 'reset') throw decoded.error;
    return decoded;
  };

  test('merges path and aggregator', () => {
    const block = `${BASIC}${PATH}${AS4_PATH} c007065ba00a000001 c012080001117 00a000001`;
    const { attributes, verbatim } = decode(block);
    expect(attributes.asPath).toEqual([sequence(1, 70000)]);
    expect(attributes.aggregator).toEqual({ asn: 70000, address: 0x0a000001 });
    expect(attributes).not.toHaveProperty('as4Path');
    expect(verbatim).toBe(false);
  });

  test('trusts an AGGREGATOR that is not AS_TRANS more than both', () => {
    const block = `${BASIC}${PATH}${AS4_PATH} c0070600050a000001 c01208000111700a000001`;
    const { attributes } = decode(block);
    expect(attributes.asPath).toEqual([sequence(1, 23456)]);
    expect(attributes.aggregator).toEqual({ asn: 5, address: 0x0a000001 });
  });

  test('has no aggregator from AS4_AGGREGATOR alone', () => {
    const { attributes } = decode(`${BASIC}${PATH} c01208000111700a000001`);
    expect(attributes.aggregator).toBeUndefined();
  });

  test.each([
    ['c01104 02010000', 'bad-length'],
    ['c01107 0201000111 7000', 'bad-length'],
    ['c01106 0200 00011170', 'bad-segment'],
    ['c01106 0202 00011170', 'bad-segment'],
    ['c01106 0901 00011170', 'bad-segment'],
    ['c01106 0201 00000000', 'as-zero'],
  ])('discards AS4_PATH %s', (attribute, reason) => {
    const { disposition, remedies, attributes } = decode(`${BASIC}${PATH}${attribute}`);
    expect(disposition).toBe('accept');
    expect(remedies).toEqual([{ type: 17, remedy: 'discard', reason }]);
    expect(attributes.asPath).toEqual([sequence(1, 23456)]);
  });

  test('loses only the confederation segments of AS4_PATH', () => {
    const { attributes, remedies } = decode(`${BASIC}${PATH} c0110c 0301 00000009 0201 00011170`);
    expect(remedies).toEqual([]);
    expect(attributes.asPath).toEqual([sequence(1, 70000)]);
  });

  test('is sent AS_TRANS, and the AS4 attributes only where they are needed', () => {
    const { attributes } = decode(`${BASIC}${PATH}`);
    const encode = (changes: Partial<typeof attributes>): string =>
      encodeAttributes({ ...attributes, ...changes }, OLD).toString('hex');
    expect(encode({ asPath: [sequence(1, 2)] })).toBe(
      hex('40010100 400206020200010002 400304c0000201 40050400000064').toString('hex'),
    );
    const wide = encode({
      asPath: [confed(70001), sequence(1, 70000)],
      aggregator: { asn: 70000, address: 1 },
    });
    expect(wide).toContain('40020a03015ba0020200015ba0');
    expect(wide).toContain('c007065ba000000001');
    expect(wide).toContain('c0110a02020000000100011170');
    expect(wide).toContain('c012080001117000000001');
  });

  test('splits a path that is too long for one segment', () => {
    const long = sequence(...Array.from({ length: 300 }, (_, i) => i + 1));
    const { attributes } = decode(`${BASIC}${PATH}`);
    const block = encodeAttributes({ ...attributes, asPath: [long] }, context());
    const again = decodeAttributes(block, 0, block.length, context(), 'classic');
    expect(again).toMatchObject({
      attributes: { asPath: [{ asns: long.asns.slice(0, 255) }, { asns: long.asns.slice(255) }] },
    });
  });
});
