/** An object as the API server keeps it. */
export interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly [field: string]: unknown;
}

export interface StoredEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly plural: string;
  readonly object: Stored;
  readonly version: number;
}

/** What a test writes: any object with a name. */
export interface Written {
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Objects and their history under one counter of versions, as etcd keeps them. */
export class StandInStore {
  readonly #objects = new Map<string, Map<string, Stored>>();
  readonly #watchers = new Set<(event: StoredEvent) => void>();
  #events: StoredEvent[] = [];
  /** Versions up to this one are forgotten. */
  #compacted = 1;
  #version = 1;

  get version(): number {
    return this.#version;
  }

  get compacted(): number {
    return this.#compacted;
  }

  put(plural: string, written: Written): void {
    const objects = this.#objects.get(plural) ?? new Map<string, Stored>();
    this.#objects.set(plural, objects);
    const { name } = written.metadata;
    const type = objects.has(name) ? 'MODIFIED' : 'ADDED';
    const object = this.#stamped(written);
    objects.set(name, object);
    this.#tell({ type, plural, object, version: this.#version });
  }

  delete(plural: string, name: string): void {
    const object = this.#objects.get(plural)?.get(name);
    if (object === undefined) return;
    this.#objects.get(plural)?.delete(name);
    this.#tell({ type: 'DELETED', plural, object: this.#stamped(object), version: this.#version });
  }

  get(plural: string, name: string): Stored | undefined {
    return this.#objects.get(plural)?.get(name);
  }

  /** Sorted by name, as etcd sorts keys. */
  list(plural: string): readonly Stored[] {
    const objects = [...(this.#objects.get(plural)?.values() ?? [])];
    return objects.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  since(plural: string, version: number): readonly StoredEvent[] {
    return this.#events.filter((event) => event.plural === plural && event.version > version);
  }

  watch(watcher: (event: StoredEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Forgets the history, as a restarted server does. */
  compact(): void {
    this.#version++;
    this.#compacted = this.#version;
    this.#events = [];
  }

  #stamped(written: Written): Stored {
    this.#version++;
    const resourceVersion = String(this.#version);
    return { ...written, metadata: { ...written.metadata, resourceVersion } };
  }

  #tell(event: StoredEvent): void {
    this.#events.push(event);
    for (const watcher of this.#watchers) watcher(event);
  }
}
