import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');

test('what docs/calico-drop-in.md names exists, ten points of it', () => {
  const text = readFileSync(path.join(ROOT, 'docs/calico-drop-in.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| \d+ \|/.test(line));
  expect(rows).toHaveLength(10);
  for (const row of rows) {
    const places = [...row.matchAll(/`((?:test|interop|docs)\/[^`]+)`/g)].map(
      ([, place = '']) => place,
    );
    expect(places, row).not.toEqual([]);
    expect(places.filter((place) => !existsSync(path.join(ROOT, place)))).toEqual([]);
  }
});
