import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  containsAddress,
  containsPrefix,
  equalPrefixes,
  formatPrefix,
  maskedPrefix,
  type Prefix,
  parsePrefix,
} from '../../src/net/prefix.ts';
import { PrefixMap } from '../../src/net/prefix-map.ts';

const prefix = (text: string): Prefix => {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`not a prefix: ${text}`);
  return parsed;
};

const anyPrefix = fc
  .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.nat(32))
  .map(([address, length]) => maskedPrefix(address, length));

describe('prefixes', () => {
  test.each([
    ['10.1.2.3/16', '10.1.0.0/16'],
    ['10.1.2.3', '10.1.2.3/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['fd00::5/64', 'fd00::/64'],
    ['fd00::5/127', 'fd00::4/127'],
    ['fd00::5', 'fd00::5/128'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatPrefix(prefix(text))).toBe(canonical);
  });

  test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/08', '/8', 'x/8'])(
    'refuses %j',
    (text) => {
      expect(parsePrefix(text)).toBeUndefined();
    },
  );

  test('contains itself and its halves, not its parent, never the other family', () => {
    const block = prefix('10.65.79.0/26');
    expect(containsPrefix(block, block)).toBe(true);
    expect(containsPrefix(block, prefix('10.65.79.32/27'))).toBe(true);
    expect(containsPrefix(block, prefix('10.65.79.0/25'))).toBe(false);
    expect(containsPrefix(prefix('0.0.0.0/0'), prefix('::/0'))).toBe(false);
    expect(equalPrefixes(block, prefix('10.65.79.0/26'))).toBe(true);
  });

  test('holds an address exactly when masking the address gives the prefix', () => {
    fc.assert(
      fc.property(anyPrefix, fc.uint8Array({ minLength: 4, maxLength: 4 }), (outer, address) => {
        expect(containsAddress(outer, address)).toBe(
          equalPrefixes(maskedPrefix(address, outer.length), outer),
        );
      }),
    );
  });
});

describe('prefix map', () => {
  test('finds the longest match as a scan over all entries does', () => {
    fc.assert(
      fc.property(
        fc.array(anyPrefix, { maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 10 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (entries, removed, address) => {
          const map = new PrefixMap<string>();
          const model = new Map<string, Prefix>();
          for (const entry of entries) {
            map.set(entry, formatPrefix(entry));
            model.set(formatPrefix(entry), entry);
          }
          for (const index of removed) {
            const entry = entries[index];
            if (entry === undefined) continue;
            expect(map.delete(entry)).toBe(model.delete(formatPrefix(entry)));
          }
          const [best] = [...model.values()]
            .filter((entry) => containsAddress(entry, address))
            .sort((a, b) => b.length - a.length);
          expect(map.longestMatch(address)?.value).toBe(best && formatPrefix(best));
          expect(map.size).toBe(model.size);
        },
      ),
    );
  });
});
