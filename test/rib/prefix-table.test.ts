import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPrefix, maskedPrefix } from '../../src/net/prefix.ts';
import { PrefixSet } from '../../src/rib/prefix-set.ts';
import { addressWords, PrefixTable } from '../../src/rib/prefix-table.ts';
import { RUNS } from './support.ts';

const ipv4 = fc
  .tuple(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => maskedPrefix(address, length));
const ipv6 = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 128 }))
  .map(([address, length]) => maskedPrefix(address, length));

describe.each([
  ['ipv4-unicast' as const, ipv4],
  ['ipv6-unicast' as const, ipv6],
])('the table of %s', (family, prefix) => {
  test('gives each prefix an id while it is pinned, and the id again afterwards', () => {
    const operations = fc.array(fc.tuple(fc.nat(7), fc.boolean()), { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 8, maxLength: 8 }), operations, (all, list) => {
        const table = new PrefixTable(family, 1);
        const model = new Map<string, number>();
        for (const [index, add] of list) {
          const at = all[index] ?? all[0];
          if (at === undefined) return;
          const words = addressWords(at.address);
          const key = formatPrefix(at);
          const known = model.get(key) ?? 0;
          expect(table.find(...words, at.length)).toBe(known);
          if (add && known === 0) {
            const id = table.intern(...words, at.length);
            table.pin(id);
            expect(formatPrefix(table.prefix(id))).toBe(key);
            expect([...model.values()]).not.toContain(id);
            model.set(key, id);
          } else if (!add && known !== 0) {
            table.unpin(known);
            model.delete(key);
          }
          expect(table.size).toBe(model.size);
        }
      }),
      RUNS,
    );
  });
});

test('prefixes unpinned together go as they do one by one', () => {
  const pins = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 600, size: 'max' });
  fc.assert(
    fc.property(pins, fc.uniqueArray(fc.integer({ min: 1, max: 400 })), (list, rows) => {
      const tables = [1, 1].map((seed) => new PrefixTable('ipv4-unicast', seed));
      const words = new Map<number, number>();
      const ids = list.map((word) => {
        const [id = 0] = tables.map((table) => table.intern(word, 0, 0, 0, 32));
        for (const table of tables) table.pin(id);
        words.set(id, word);
        return id;
      });
      for (const [id, word] of words) {
        if (rows.includes(word)) for (const { heads } of tables) heads[id] = 1;
      }
      const [single, together] = tables as [PrefixTable, PrefixTable];
      for (const id of ids) single.unpin(id);
      together.unpinAll(Uint32Array.from([7, ...ids]), 1, ids.length + 1);
      expect(together.size).toBe(single.size);
      for (const [id, word] of words) {
        expect(together.find(word, 0, 0, 0, 32)).toBe(rows.includes(word) ? id : 0);
      }
    }),
    RUNS,
  );
});

test.each([
  ['one /24 after the other', (i: number): [number, number] => [i << 8, 24]],
  ['one /26 after the other', (i: number): [number, number] => [i << 6, 26]],
  ['one /32 after the other', (i: number): [number, number] => [i, 32]],
  ['all lengths of one address', (i: number): [number, number] => [(i >>> 5) << 27, i & 31]],
])('look-ups stay short for %s', (_, at) => {
  const table = new PrefixTable('ipv4-unicast', 12345);
  const ids = new Set<number>();
  for (let i = 0; i < 20000; i++) {
    const [word, length] = at(i);
    const id = table.intern(word >>> 0, 0, 0, 0, length);
    table.pin(id);
    ids.add(id);
  }
  const probes = [...ids].map((id) => table.probes(id));
  expect(probes.reduce((sum, count) => sum + count, 0) / probes.length).toBeLessThan(2);
  expect(Math.max(...probes)).toBeLessThan(128);
});

test('a set of prefixes hands out each member once, round and round', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 1, max: 5000 })), { maxLength: 200, size: 'max' }),
      (list) => {
        const table = new PrefixTable('ipv4-unicast', 1);
        for (let i = 1; i <= 5000; i++) table.pin(table.intern(i, 0, 0, 0, 32));
        const set = new PrefixSet(table);
        const model = new Set<number>();
        for (const id of list) {
          if (id !== null) {
            set.add(id);
            model.add(id);
          } else {
            const taken = set.take();
            expect(model.size === 0 ? taken === 0 : model.delete(taken)).toBe(true);
          }
          expect(set.size).toBe(model.size);
        }
        const rest: number[] = [];
        for (let id = set.take(); id !== 0; id = set.take()) rest.push(id);
        expect(rest.sort((a, b) => a - b)).toEqual([...model].sort((a, b) => a - b));
      },
    ),
    { numRuns: Math.min(50, RUNS.numRuns) },
  );
});
