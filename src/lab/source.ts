import { keyOf, type Resource } from '../datastore/datastore.ts';
import { FileDatastore } from '../datastore/file/file-datastore.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';

export interface SourceListener {
  put(resource: Resource): void;
  delete(key: string): void;
  /** A file or object that could not be taken. */
  problem(error: BengalError): void;
}

/** The lab's directory: its resources now, and whatever a person changes in it afterwards. */
export class Source {
  readonly #resources = new Map<string, Resource>();
  readonly #datastore: FileDatastore;
  #listener: SourceListener | undefined;

  /** Throws a `BengalError` when the directory cannot be read. */
  constructor(directory: string, clock: Clock) {
    this.#datastore = new FileDatastore({ directory, clock });
    const problems: BengalError[] = [];
    let whole = false;
    this.#datastore.start({
      put: (resource) => {
        this.#resources.set(keyOf(resource), resource);
        this.#listener?.put(resource);
      },
      delete: (key) => {
        this.#resources.delete(key);
        this.#listener?.delete(key);
      },
      synchronised: () => {
        whole = true;
      },
      lostSync: () => {},
      problem: (error) => {
        if (this.#listener === undefined) problems.push(error);
        else this.#listener.problem(error);
      },
      resolved: () => {},
    });
    const [problem] = problems;
    if (problem === undefined && whole) return;
    this.#datastore.stop();
    if (problem !== undefined) throw problem;
  }

  get resources(): readonly Resource[] {
    return [...this.#resources.values()];
  }

  follow(listener: SourceListener): void {
    this.#listener = listener;
  }

  stop(): void {
    this.#datastore.stop();
  }
}
