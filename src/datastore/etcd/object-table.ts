import { isDeepStrictEqual } from 'node:util';
import { BengalError } from '../../runtime/error.ts';
import { type DatastoreListener, keyOf } from '../datastore.ts';
import type { Taken } from './keys.ts';

/** What is known of etcd's objects, by etcd's keys; tells a listener what changes. */
export class ObjectTable {
  readonly #listener: DatastoreListener;
  #objects = new Map<string, Taken>();

  constructor(listener: DatastoreListener) {
    this.#listener = listener;
  }

  put(key: string, taken: Taken): void {
    const before = this.#objects.get(key);
    this.#objects.set(key, taken);
    this.#tell(key, before, taken);
  }

  delete(key: string): void {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    this.#tell(key, before, undefined);
  }

  /** Everything that is not in `objects` is gone. */
  replace(objects: ReadonlyMap<string, Taken>): void {
    for (const key of [...this.#objects.keys()]) if (!objects.has(key)) this.delete(key);
    for (const [key, taken] of objects) this.put(key, taken);
  }

  #tell(key: string, before: Taken | undefined, after: Taken | undefined): void {
    if (isDeepStrictEqual(before, after)) return;
    if (before !== undefined && 'fault' in before && !(after !== undefined && 'fault' in after))
      this.#listener.resolved(key);
    if (after !== undefined && 'resource' in after) this.#listener.put(after.resource);
    else if (before !== undefined && 'resource' in before)
      this.#listener.delete(keyOf(before.resource));
    if (after !== undefined && 'fault' in after)
      this.#listener.problem(malformed(key, after.fault));
  }
}

const malformed = (where: string, fault: string): BengalError =>
  new BengalError('malformed-object', `${fault}; the object counts as absent`, {
    where,
    cure: 'Store it again with calicoctl, or delete the key',
  });
