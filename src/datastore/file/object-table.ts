import { BengalError } from '../../runtime/error.ts';
import { type DatastoreListener, keyOf } from '../datastore.ts';
import type { Placed } from './documents.ts';

interface Entry extends Placed {
  readonly key: string;
  /** To tell whether the object changed. */
  readonly serialised: string;
}

/** The objects of all files as one store; `publish` tells a listener what changed. */
export class ObjectTable {
  /** Last good objects by file name. */
  readonly #files = new Map<string, readonly Entry[]>();
  /** Objects that files have lost, perhaps only until they are written whole. */
  readonly #missed = new Map<string, readonly Entry[]>();
  /** What is wrong with files, by file name. */
  readonly #faults = new Map<string, BengalError>();
  #changed = false;
  #published: ReadonlyMap<string, Entry> = new Map();
  #problems: ReadonlyMap<string, BengalError> = new Map();

  /** Takes what a file adds and changes; what it lacks stays until `forgetMissed`. */
  setFile(name: string, objects: readonly Placed[]): void {
    const before = [...(this.#files.get(name) ?? []), ...(this.#missed.get(name) ?? [])];
    const entries = objects.map(entryOf);
    const keys = new Set(entries.map(({ key }) => key));
    this.#changed = true;
    this.#faults.delete(name);
    const missed = before.filter(({ key }) => !keys.has(key));
    if (missed.length > 0) this.#missed.set(name, missed);
    else this.#missed.delete(name);
    this.#files.set(name, entries);
  }

  /** What a file lacks is gone. */
  forgetMissed(name: string): void {
    if (this.#missed.delete(name)) this.#changed = true;
  }

  /** The file cannot be read: its last good objects, if it ever had any, stay. */
  setFault(name: string, error: BengalError): void {
    this.#changed = true;
    this.#faults.set(name, this.#files.has(name) ? withObjectsKept(error) : error);
  }

  removeFile(name: string): void {
    this.#changed = true;
    this.#faults.delete(name);
    this.#files.delete(name);
    this.#missed.delete(name);
  }

  /** Sends what differs from the last time. */
  publish(listener: DatastoreListener): void {
    if (!this.#changed) return;
    this.#changed = false;
    const problems = new Map<string, BengalError>();
    for (const error of this.#faults.values()) problems.set(error.where ?? '', error);
    const objects = this.#merge(problems);
    this.#publishObjects(listener, objects);
    this.#publishProblems(listener, problems);
  }

  /** Where several files define one object, the first by file name wins. */
  #merge(problems: Map<string, BengalError>): ReadonlyMap<string, Entry> {
    const objects = new Map<string, Entry>();
    const names = [...this.#files.keys()].sort((a, b) => (a < b ? -1 : 1));
    for (const entry of names.flatMap((name) => this.#files.get(name) ?? [])) {
      const { key } = entry;
      const first = objects.get(key);
      if (entry.remark !== undefined) problems.set(entry.place, entry.remark);
      if (first === undefined) objects.set(key, entry);
      else problems.set(entry.place, definedTwice(entry, first));
    }
    for (const entry of [...this.#missed.values()].flat())
      if (!objects.has(entry.key)) objects.set(entry.key, entry);
    return objects;
  }

  #publishObjects(listener: DatastoreListener, objects: ReadonlyMap<string, Entry>): void {
    const before = this.#published;
    this.#published = objects;
    for (const key of before.keys()) if (!objects.has(key)) listener.delete(key);
    for (const [key, { resource, serialised }] of objects)
      if (before.get(key)?.serialised !== serialised) listener.put(resource);
  }

  #publishProblems(listener: DatastoreListener, problems: ReadonlyMap<string, BengalError>): void {
    const before = this.#problems;
    this.#problems = problems;
    for (const where of before.keys()) if (!problems.has(where)) listener.resolved(where);
    for (const [where, error] of problems)
      if (before.get(where)?.message !== error.message) listener.problem(error);
  }
}

const entryOf = (placed: Placed): Entry => ({
  ...placed,
  key: keyOf(placed.resource),
  serialised: JSON.stringify(placed.resource),
});

function definedTwice({ resource, place }: Entry, first: Entry): BengalError {
  const { kind, metadata } = resource;
  return new BengalError(
    'defined-twice',
    `${kind} ${metadata.name} is defined at ${first.place} already; that definition is used`,
    { where: place, cure: 'Remove one of the two' },
  );
}

const withObjectsKept = ({
  code,
  message,
  where = '',
  cure = '',
  cause,
}: BengalError): BengalError =>
  new BengalError(code, `${message}; the file's last good objects stay`, { where, cure, cause });
