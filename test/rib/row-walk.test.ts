import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PathTable } from '../../src/rib/path-table.ts';
import { PrefixTable } from '../../src/rib/prefix-table.ts';
import { RowWalk } from '../../src/rib/row-walk.ts';
import { SourceTable } from '../../src/rib/source.ts';
import { STRETCH } from '../../src/rib/table-walk.ts';
import { RUNS } from './support.ts';

const START = 3 * STRETCH;

test('a walk visits each row that was there and stays, once, a stretch at a time', () => {
  const change = fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('add' as const) }),
      fc.record({ type: fc.constant('remove' as const), at: fc.nat() }),
      // The row whose turn is next, and those behind it.
      fc.record({
        type: fc.constant('removeNext' as const),
        count: fc.integer({ min: 1, max: 9 }),
      }),
    ),
    { maxLength: 20, size: 'max' },
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 3, maxLength: 3 }), (changes) => {
      const paths = new PathTable();
      const prefixes = new PrefixTable('ipv4-unicast', 1);
      const list = new SourceTable().get(0).paths['ipv4-unicast'];
      const rows: number[] = [];
      let made = 0;
      const add = (): void => {
        rows.push(paths.add(prefixes, prefixes.intern(++made, 0, 0, 0, 32), 0, list));
      };
      for (let count = 0; count < START; count++) add();
      const walk = new RowWalk(paths, list);
      walk.begin();
      const expected = new Set(rows);
      const visited: number[] = [];
      const remove = (row: number): void => {
        if (!visited.includes(row)) expected.delete(row);
        rows.splice(rows.indexOf(row), 1);
        paths.remove(prefixes, row, list);
      };
      for (const each of [...changes, []]) {
        const before = visited.length;
        walk.step((row) => visited.push(row));
        expect(visited.length - before).toBeLessThanOrEqual(STRETCH);
        for (const at of each) {
          if (at.type === 'add') add();
          else if (at.type === 'remove') remove(rows[at.at % rows.length] as number);
          else for (let left = at.count; left > 0 && walk.next !== 0; left--) remove(walk.next);
        }
      }
      expect(list.walks.size).toBe(0);
      expect([...visited].sort()).toEqual([...expected].sort());
    }),
    RUNS,
  );
});
