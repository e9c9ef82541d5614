import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Resource } from '../../src/datastore/datastore.ts';
import { readDocuments } from '../../src/datastore/file/documents.ts';

export const QUICKSTART: string = path.resolve(
  import.meta.dirname,
  '../../fixtures/lab/quickstart',
);

/** The resources that the quickstart begins with. */
export function quickstart(): readonly Resource[] {
  const files = readdirSync(QUICKSTART).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) =>
    readDocuments(name, readFileSync(path.join(QUICKSTART, name), 'utf8')).map(
      ({ resource }) => resource,
    ),
  );
}
