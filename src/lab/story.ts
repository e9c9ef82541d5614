import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../datastore/datastore.ts';
import { readDocuments } from '../datastore/file/documents.ts';

/** One file of `then/`: what changes while the lab runs. */
export interface Chapter {
  readonly name: string;
  readonly resources: readonly Resource[];
}

/** The files of `then/` in the lab's directory, in the order of their names; none without it. */
export function chaptersOf(directory: string): readonly Chapter[] {
  const folder = path.join(directory, 'then');
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  const files = readdirSync(folder).filter((name) => /\.(yaml|yml|json)$/.test(name));
  return files.sort().map((file) => {
    const name = `then/${file}`;
    const placed = readDocuments(name, readFileSync(path.join(folder, file), 'utf8'));
    return { name, resources: placed.map(({ resource }) => resource) };
  });
}

/** `resources` with those of `later` in place of, or beside, its own. */
export function overlaid(
  resources: Iterable<Resource>,
  later: readonly Resource[],
): readonly Resource[] {
  const byKey = new Map([...resources, ...later].map((resource) => [keyOf(resource), resource]));
  return [...byKey.values()];
}
