import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../datastore/datastore.ts';
import type { Access, ResourceStore } from './resource-store.ts';

/** A directory with one file for each object, as the members' file datastore reads it. */
export class ResourceDirectory implements ResourceStore {
  readonly path: string;

  constructor(directory: string) {
    this.path = directory;
    mkdirSync(directory);
  }

  get hint(): string {
    return `the resources are in ${this.path}`;
  }

  /** No half-written file is ever seen. */
  async apply(resources: readonly Resource[]): Promise<void> {
    for (const resource of resources) {
      const file = this.#fileOf(keyOf(resource));
      const temporary = path.join(this.path, '.next');
      writeFileSync(temporary, JSON.stringify(resource, undefined, 2));
      renameSync(temporary, file);
    }
  }

  async delete(key: string): Promise<void> {
    rmSync(this.#fileOf(key), { force: true });
  }

  async open(): Promise<Access> {
    return { options: ['--datastore', 'file', '--path', this.path], env: {} };
  }

  close(): void {}

  #fileOf(key: string): string {
    return path.join(this.path, `${encodeURIComponent(key)}.json`);
  }
}
