import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../datastore/datastore.ts';

/** A directory with one file for each object, as the nodes' file datastore reads it. */
export class ResourceDirectory {
  readonly path: string;

  constructor(directory: string) {
    this.path = directory;
    mkdirSync(directory);
  }

  /** Creates or replaces objects; no half-written file is ever seen. */
  apply(resources: readonly Resource[]): void {
    for (const resource of resources) {
      const file = this.#fileOf(keyOf(resource));
      const temporary = path.join(this.path, '.next');
      writeFileSync(temporary, JSON.stringify(resource, undefined, 2));
      renameSync(temporary, file);
    }
  }

  delete(key: string): void {
    rmSync(this.#fileOf(key), { force: true });
  }

  #fileOf(key: string): string {
    return path.join(this.path, `${encodeURIComponent(key)}.json`);
  }
}
