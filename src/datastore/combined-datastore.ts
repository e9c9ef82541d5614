import type { Datastore, DatastoreListener } from './datastore.ts';

/**
 * Several datastores as one, each for kinds of its own, as Calico's resources and this machine's
 * workloads: in sync while all of them are.
 */
export class CombinedDatastore implements Datastore {
  readonly #parts: readonly Datastore[];
  readonly #synchronised = new Set<Datastore>();
  readonly #disconnected = new Set<Datastore>();

  constructor(parts: readonly Datastore[]) {
    this.#parts = parts;
  }

  start(listener: DatastoreListener): void {
    for (const part of this.#parts) {
      part.start({
        put: (resource) => listener.put(resource),
        delete: (key) => listener.delete(key),
        problem: (error) => listener.problem(error),
        resolved: (where) => listener.resolved(where),
        synchronised: () => {
          this.#synchronised.add(part);
          if (this.#synchronised.size === this.#parts.length) listener.synchronised();
        },
        lostSync: (reason) => {
          this.#synchronised.delete(part);
          listener.lostSync(reason);
        },
        disconnected: () => {
          this.#disconnected.add(part);
          listener.disconnected?.();
        },
        connected: () => {
          this.#disconnected.delete(part);
          if (this.#disconnected.size === 0) listener.connected?.();
        },
      });
    }
  }

  stop(): void {
    for (const part of this.#parts) part.stop();
  }
}
