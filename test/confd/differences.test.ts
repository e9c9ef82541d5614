import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DEVIATIONS } from '../../interop/calico/deviations.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

const rows = readFileSync(path.join(ROOT, 'docs/calico-differences.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.endsWith('` |'));

test('every difference from Calico has a test that exists', () => {
  const tests = ['test/confd', 'test/datastore', 'test/rib', 'test/session']
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
        path.join(ROOT, folder, name),
      ),
    )
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('differences.test.ts'))
    .map((name) => readFileSync(name, 'utf8'))
    .join('\n');
  const named = rows.map((row) => /`([^`]+)` \|$/.exec(row)?.[1] ?? row);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((name) => !tests.includes(`'${name}'`))).toEqual([]);
});

test('every difference says what Calico does, what bengal does, and why', () => {
  for (const row of rows) expect(row.split(' | ')).toHaveLength(5);
});

test('every difference that the comparison with BIRD lets pass is one of them', () => {
  for (const { row } of DEVIATIONS) {
    expect(rows.filter((text) => text.includes(` | ${row}`)).length, row).toBe(1);
  }
});
