import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import { reflectAttributes } from '../../src/wire/reflect-attributes.ts';
import { context, hex } from './fixtures.ts';
import { attributesOf, codecContext, RUNS } from './generators.ts';

describe('reflection of a raw block', () => {
  test('equals decoding, editing and encoding', () => {
    const ids = fc.nat(0xffffffff);
    fc.assert(
      fc.property(
        attributesOf('ipv4-unicast'),
        codecContext,
        ids,
        ids,
        (set, of, router, cluster) => {
          const raw = encodeAttributes(set, { ...of, as4: true });
          const decoded = decodeAttributes(raw, 0, raw.length, context(), 'classic');
          if (decoded.disposition !== 'accept') throw new Error(decoded.disposition);
          expect(decoded.verbatim).toBe(true);
          const edited = {
            ...decoded.attributes,
            originatorId: decoded.attributes.originatorId ?? router,
            clusterList: [cluster, ...decoded.attributes.clusterList],
          };
          expect(reflectAttributes(raw, 0, raw.length, router, cluster)).toEqual(
            encodeAttributes(edited, context()),
          );
        },
      ),
      RUNS,
    );
  });

  test('lengthens a cluster list beyond 255 octets', () => {
    const raw = hex(`800afc${'00000001'.repeat(63)}`);
    expect(reflectAttributes(raw, 0, raw.length, 2, 3).toString('hex')).toBe(
      `80090400000002900a010000000003${'00000001'.repeat(63)}`,
    );
  });

  test('leaves MP attributes out', () => {
    const raw = hex(`800e150002011020010db8000000000000000000000001 00 40010100 800f03000201`);
    expect(reflectAttributes(raw, 0, raw.length, 2, 3).toString('hex')).toBe(
      '4001010080090400000002800a0400000003',
    );
  });

  test('makes an empty block one of two attributes', () => {
    expect(reflectAttributes(Buffer.alloc(0), 0, 0, 2, 3).toString('hex')).toBe(
      '80090400000002800a0400000003',
    );
  });
});
