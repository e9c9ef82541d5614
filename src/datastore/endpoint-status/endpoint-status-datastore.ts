import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { BengalError } from '../../runtime/error.ts';
import { type Datastore, type DatastoreListener, keyOf, type Resource } from '../datastore.ts';
import { signatureOf } from '../file/directory.ts';
import { listStatusFiles, readStatusFile } from './status-files.ts';

export interface EndpointStatusOptions {
  /** One JSON file for each workload of the node, as Felix writes them. */
  readonly directory: string;
  readonly clock: Clock;
  /** Milliseconds until a change is looked at, and a half-written file again; 50 by default. */
  readonly settle?: number;
  /** Milliseconds between looks at the directory, for changes without an event; 2000 by default. */
  readonly poll?: number;
}

/**
 * The workloads that local BGP peerings go to, as `WorkloadEndpointStatus` resources. Without a
 * directory there are none: Felix makes it with the first one.
 */
export class EndpointStatusDatastore implements Datastore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #settle: number;
  readonly #poll: number;
  /** Signatures of the files as they were read. */
  readonly #read = new Map<string, string>();
  /** What was published, by file name. */
  readonly #published = new Map<string, Resource>();
  /** Files that are read once more before anything is said about them. */
  readonly #doubtful = new Set<string>();
  readonly #faulty = new Set<string>();
  #listener: DatastoreListener | undefined;
  #watcher: FSWatcher | undefined;
  #settling: Timer | undefined;
  #polling: Timer | undefined;
  #state: 'new' | 'synchronised' | 'lost' = 'new';

  constructor({ directory, clock, settle = 50, poll = 2000 }: EndpointStatusOptions) {
    this.#directory = directory;
    this.#clock = clock;
    this.#settle = settle;
    this.#poll = poll;
  }

  start(listener: DatastoreListener): void {
    this.#listener = listener;
    this.#look();
    this.#pollLater();
  }

  stop(): void {
    this.#listener = undefined;
    this.#unwatch();
    this.#settling?.cancel();
    this.#polling?.cancel();
  }

  #pollLater(): void {
    this.#polling = this.#clock.setTimer('endpoint-status-poll', this.#poll, () => {
      this.#pollLater();
      this.#look();
    });
  }

  #lookLater(): void {
    if (this.#listener === undefined || this.#settling !== undefined) return;
    this.#settling = this.#clock.setTimer('endpoint-status-settle', this.#settle, () => {
      this.#settling = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (this.#listener === undefined) return;
    try {
      const names = listStatusFiles(this.#directory);
      if (names === undefined) this.#unwatch();
      else this.#watch();
      this.#take(this.#listener, names ?? []);
    } catch (cause) {
      this.#lost(this.#listener, cause);
    }
  }

  #take(listener: DatastoreListener, names: readonly string[]): void {
    const present = new Set(names);
    for (const name of new Set([...this.#read.keys(), ...this.#doubtful]))
      if (!present.has(name)) this.#forget(listener, name);
    for (const name of names) {
      const signature = signatureOf(this.#directory, name);
      if (signature !== undefined && this.#read.get(name) !== signature)
        this.#takeFile(listener, name, signature);
    }
    if (this.#doubtful.size > 0) this.#lookLater();
    else this.#synchronised(listener);
  }

  #takeFile(listener: DatastoreListener, name: string, signature: string): void {
    try {
      const resource = readStatusFile(this.#directory, name);
      this.#settleFile(listener, name, signature);
      if (resource === undefined) this.#withdraw(listener, name);
      else this.#publish(listener, name, resource);
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      if (!this.#doubtful.has(name)) {
        this.#doubtful.add(name);
        return;
      }
      this.#settleFile(listener, name, signature);
      this.#faulty.add(name);
      listener.problem(error);
    }
  }

  #settleFile(listener: DatastoreListener, name: string, signature: string): void {
    this.#doubtful.delete(name);
    this.#read.set(name, signature);
    if (this.#faulty.delete(name)) listener.resolved(name);
  }

  #forget(listener: DatastoreListener, name: string): void {
    this.#settleFile(listener, name, '');
    this.#read.delete(name);
    this.#withdraw(listener, name);
  }

  #publish(listener: DatastoreListener, name: string, resource: Resource): void {
    const before = this.#published.get(name);
    if (JSON.stringify(before?.spec) === JSON.stringify(resource.spec)) return;
    this.#published.set(name, resource);
    listener.put(resource);
  }

  #withdraw(listener: DatastoreListener, name: string): void {
    const before = this.#published.get(name);
    if (before === undefined) return;
    this.#published.delete(name);
    listener.delete(keyOf(before));
  }

  #synchronised(listener: DatastoreListener): void {
    if (this.#state === 'synchronised') return;
    if (this.#state === 'lost') listener.resolved(this.#directory);
    this.#state = 'synchronised';
    listener.synchronised();
  }

  #lost(listener: DatastoreListener, cause: unknown): void {
    if (this.#state === 'lost') return;
    const wasSynchronised = this.#state === 'synchronised';
    this.#state = 'lost';
    const where = this.#directory;
    const message = `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
    const cure = 'Make it a readable directory';
    listener.problem(new BengalError('unreadable-directory', message, { where, cure, cause }));
    if (wasSynchronised) listener.lostSync(`${where} cannot be read`);
  }

  /** Events only hasten what the poll finds anyway, so a system without them is no fault. */
  #watch(): void {
    if (this.#watcher !== undefined) return;
    try {
      const watcher = watch(this.#directory, () => this.#lookLater());
      watcher.on('error', () => this.#unwatch());
      this.#watcher = watcher;
    } catch {
      this.#watcher = undefined;
    }
  }

  #unwatch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}
