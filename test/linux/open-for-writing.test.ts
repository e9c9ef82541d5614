import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isOpenForWriting } from '../../src/linux/open-for-writing.ts';

test.skipIf(process.platform !== 'linux')('tells of a writer as long as there is one', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-writer-'));
  const file = path.join(directory, 'a.yaml');
  writeFileSync(file, 'kind: Node\n');
  const reader = openSync(file, 'r');
  try {
    expect(isOpenForWriting(reader)).toBe(false);
    const writer = openSync(file, 'a');
    expect(isOpenForWriting(reader)).toBe(true);
    closeSync(writer);
    expect(isOpenForWriting(reader)).toBe(false);
    // The lease was given back: another writer is not held up.
    closeSync(openSync(file, 'w'));
  } finally {
    closeSync(reader);
    rmSync(directory, { recursive: true });
  }
});

test('says that it does not know of what is no file', () => {
  expect(isOpenForWriting(-1)).toBeUndefined();
});
