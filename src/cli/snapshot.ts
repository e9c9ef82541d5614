import { type DatastoreListener, keyOf, type Resource } from '../datastore/datastore.ts';
import type { Clock } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';

/** Listens to a datastore for commands that read it once. */
export class Snapshot implements DatastoreListener {
  readonly #resources = new Map<string, Resource>();
  readonly #faults = new Map<string, BengalError>();
  #inSync = false;
  #waiting = (): void => {};

  get inSync(): boolean {
    return this.#inSync;
  }

  get resources(): Iterable<Resource> {
    return this.#resources.values();
  }

  /** What could not be taken. */
  get faults(): readonly BengalError[] {
    return [...this.#faults.values()];
  }

  /** Resolves once everything was read; rejects with the first fault when that takes too long. */
  async synchronisation(clock: Clock, patience: number): Promise<void> {
    if (!this.#inSync && patience > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.setTimer('first-snapshot', patience, resolve);
        this.#waiting = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    if (this.#inSync) return;
    const [fault] = this.#faults.values();
    throw fault ?? new BengalError('no-snapshot', 'the datastore could not be read in time');
  }

  put(resource: Resource): void {
    this.#resources.set(keyOf(resource), resource);
  }

  delete(key: string): void {
    this.#resources.delete(key);
  }

  synchronised(): void {
    this.#inSync = true;
    this.#waiting();
  }

  lostSync(): void {
    this.#inSync = false;
  }

  problem(error: BengalError): void {
    this.#faults.set(error.where ?? error.message, error);
  }

  resolved(where: string): void {
    this.#faults.delete(where);
  }
}
