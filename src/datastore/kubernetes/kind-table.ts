import { isDeepStrictEqual } from 'node:util';
import type { BengalError } from '../../runtime/error.ts';
import type { DatastoreListener, Resource } from '../datastore.ts';
import type { Taken } from './as-stored.ts';

/** The objects of one kind; tells a listener what differs from what it was told before. */
export class KindTable {
  readonly #listener: DatastoreListener;
  readonly #objects = new Map<string, Resource>();
  /** What is wrong with objects, by key. */
  readonly #problems = new Map<string, BengalError>();

  constructor(listener: DatastoreListener) {
    this.#listener = listener;
  }

  /** Takes a whole list: what is not in it is gone. */
  replace(objects: readonly Taken[]): void {
    const present = new Set(objects.map(({ key }) => key));
    for (const key of new Set([...this.#objects.keys(), ...this.#problems.keys()]))
      if (!present.has(key)) this.remove(key);
    for (const object of objects) this.put(object);
  }

  /** An object that cannot be taken counts as absent. */
  put({ key, resource, problem }: Taken): void {
    this.#note(key, problem);
    if (resource === undefined) {
      this.#drop(key);
      return;
    }
    const before = this.#objects.get(key);
    if (before !== undefined && isSame(before, resource)) return;
    this.#objects.set(key, resource);
    this.#listener.put(resource);
  }

  remove(key: string): void {
    this.#note(key, undefined);
    this.#drop(key);
  }

  #drop(key: string): void {
    if (this.#objects.delete(key)) this.#listener.delete(key);
  }

  #note(key: string, problem: BengalError | undefined): void {
    const before = this.#problems.get(key);
    if (before?.message === problem?.message) return;
    if (problem !== undefined) {
      this.#problems.set(key, problem);
      this.#listener.problem(problem);
    } else if (before !== undefined) {
      this.#problems.delete(key);
      this.#listener.resolved(before.where ?? key);
    }
  }
}

/** Versions apart, which change with parts that nobody reads. */
const isSame = (a: Resource, b: Resource): boolean =>
  isDeepStrictEqual(unversioned(a), unversioned(b));

function unversioned({ metadata, ...rest }: Resource): object {
  const { resourceVersion: _, ...named } = metadata;
  return { ...rest, named };
}
