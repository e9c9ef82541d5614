import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PrefixIndex } from '../../src/kernel/prefix-index.ts';
import { formatPrefix, maskedPrefix } from '../../src/net/prefix.ts';

/** Few octets differ, so that prefixes meet again with the same and with another length. */
const prefix = fc.oneof(
  fc
    .tuple(fc.nat(3), fc.nat(3), fc.nat(32))
    .map(([a, d, length]) => maskedPrefix(Uint8Array.of(a + 126, 0, 0, d), length)),
  fc.tuple(fc.nat(3), fc.nat(3), fc.nat(128)).map(([a, last, length]) => {
    const address = new Uint8Array(16).fill(a + 126, 0, 2);
    address[15] = last;
    return maskedPrefix(address, length);
  }),
);

test('an index of prefixes holds what a map of their texts does', () => {
  const change = fc.record({ prefix, value: fc.option(fc.nat(9), { nil: undefined }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60, size: 'max' }), (changes) => {
      const index = new PrefixIndex<number>();
      const texts = new Map<string, number>();
      for (const { prefix: at, value } of changes) {
        expect(index.get(at)).toBe(texts.get(formatPrefix(at)));
        if (value === undefined) index.delete(at);
        else index.set(at, value);
        if (value === undefined) texts.delete(formatPrefix(at));
        else texts.set(formatPrefix(at), value);
        expect(index.get(at)).toBe(value);
      }
      expect(index.size).toBe(texts.size);
      expect([...index.values()].sort()).toEqual([...texts.values()].sort());
    }),
  );
});
