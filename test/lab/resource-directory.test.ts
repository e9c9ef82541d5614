import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { keyOf } from '../../src/datastore/datastore.ts';
import { ResourceDirectory } from '../../src/lab/resource-directory.ts';
import { Source } from '../../src/lab/source.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { quickstart } from './stories.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'bengal-directory-'));
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test('what is put into a resource directory is what a datastore reads from it', async () => {
  const directory = new ResourceDirectory(path.join(scratch, 'resources'));
  const [first, ...others] = quickstart();
  if (first === undefined) throw new Error('the quickstart is empty');
  await directory.apply([first, ...others]);
  await directory.delete(keyOf(first));
  const source = new Source(directory.path, processClock);
  source.stop();
  const byKey = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  expect([...source.resources].sort(byKey)).toEqual([...others].sort(byKey));
});
