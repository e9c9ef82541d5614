import { type Datastore, type DatastoreListener, keyOf, type Resource } from './datastore.ts';

/**
 * Resources in memory, for whole clusters in one process and for tests. Every `connect` gives a
 * datastore of its own onto the same resources; all call-backs happen before the change returns.
 */
export class MemoryDatastore {
  readonly #resources = new Map<string, Resource>();
  readonly #listeners = new Set<DatastoreListener>();

  constructor(resources: readonly Resource[] = []) {
    this.apply(...resources);
  }

  /** Creates or replaces objects. */
  apply(...resources: readonly Resource[]): void {
    for (const resource of resources) {
      this.#resources.set(keyOf(resource), resource);
      for (const listener of this.#listeners) listener.put(resource);
    }
  }

  /** Deletes objects by key (`kind/namespace/name`); unknown keys are ignored. */
  delete(...keys: readonly string[]): void {
    for (const key of keys) {
      if (!this.#resources.delete(key)) continue;
      for (const listener of this.#listeners) listener.delete(key);
    }
  }

  connect(): Datastore {
    let connected: DatastoreListener | undefined;
    return {
      start: (listener) => {
        connected = listener;
        for (const resource of this.#resources.values()) listener.put(resource);
        this.#listeners.add(listener);
        listener.synchronised();
      },
      stop: () => {
        if (connected !== undefined) this.#listeners.delete(connected);
      },
    };
  }
}
