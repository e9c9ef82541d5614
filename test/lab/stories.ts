import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Resource } from '../../src/datastore/datastore.ts';
import { readDocuments } from '../../src/datastore/file/documents.ts';

const LABS = path.resolve(import.meta.dirname, '../../fixtures/lab');
export const QUICKSTART: string = path.join(LABS, 'quickstart');
export const TWO_REFLECTORS: string = path.join(LABS, 'two-reflectors');

/** The resources that a lab begins with. */
export function resourcesOf(directory: string): readonly Resource[] {
  const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
  return files.flatMap((name) =>
    readDocuments(name, readFileSync(path.join(directory, name), 'utf8')).map(
      ({ resource }) => resource,
    ),
  );
}

export const quickstart = (): readonly Resource[] => resourcesOf(QUICKSTART);
