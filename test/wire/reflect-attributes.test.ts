import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import { reflectAttributes } from '../../src/wire/reflect-attributes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { context, hex } from './fixtures.ts';
import { attributesOf, codecContext, RUNS } from './generators.ts';

function reflected(raw: Buffer, router: number, cluster: number): Buffer {
  const out = new Writer(1);
  reflectAttributes(out, raw, 0, raw.length, router, cluster);
  return out.done();
}

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
          expect(reflected(raw, router, cluster)).toEqual(encodeAttributes(edited, context()));
        },
      ),
      RUNS,
    );
  });

  test('lengthens a cluster list beyond 255 octets', () => {
    const raw = hex(`800afc${'00000001'.repeat(63)}`);
    expect(reflected(raw, 2, 3).toString('hex')).toBe(
      `80090400000002900a010000000003${'00000001'.repeat(63)}`,
    );
  });

  test('leaves MP attributes out', () => {
    const raw = hex(`800e150002011020010db8000000000000000000000001 00 40010100 800f03000201`);
    expect(reflected(raw, 2, 3).toString('hex')).toBe('4001010080090400000002800a0400000003');
  });

  test('makes an empty block one of two attributes', () => {
    expect(reflected(Buffer.alloc(0), 2, 3).toString('hex')).toBe('80090400000002800a0400000003');
  });
});
