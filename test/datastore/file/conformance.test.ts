import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileDatastore } from '../../../src/datastore/file/file-datastore.ts';
import { describeDatastore } from '../conformance.ts';

describeDatastore('a directory of resources', async ({ clock }) => {
  const root = mkdtempSync(path.join(tmpdir(), 'bengal-files-'));
  const directory = path.join(root, 'resources');
  mkdirSync(directory);
  /** At once, as a careful editor does. */
  const write = (name: string, text: string): void => {
    writeFileSync(path.join(root, name), text);
    renameSync(path.join(root, name), path.join(directory, name));
  };
  return {
    datastore: new FileDatastore({ directory, clock, settle: 5, poll: 50 }),
    put: async (...resources) => {
      for (const resource of resources)
        write(`${resource.metadata.name}.json`, JSON.stringify(resource));
    },
    delete: async (...names) => {
      for (const name of names) rmSync(path.join(directory, `${name}.json`));
    },
    damage: async (name) => write(`${name}.json`, '{"kind": '),
    end: async () => rmSync(root, { recursive: true }),
  };
});
