import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { BengalError } from '../../runtime/error.ts';
import type { Datastore, DatastoreListener } from '../datastore.ts';
import { listFiles, readResourceFile, signatureOf } from './directory.ts';
import { readDocuments } from './documents.ts';
import { ObjectTable } from './object-table.ts';

export interface FileDatastoreOptions {
  /** Every *.yaml, *.yml and *.json directly in it is read; sub-directories are not. */
  readonly directory: string;
  readonly clock: Clock;
  /** Milliseconds that a file must stand still before it is read; 100 by default. */
  readonly settle?: number;
  /** Milliseconds between looks at the directory, for changes without an event; 2000 by default. */
  readonly poll?: number;
}

/** Signatures by file name: what the directory looks like. */
type Look = ReadonlyMap<string, string>;

/**
 * A directory of Kubernetes-style YAML and JSON files, watched live. A file that cannot be read
 * keeps its last good objects; one that is gone takes its objects with it.
 */
export class FileDatastore implements Datastore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #settle: number;
  readonly #poll: number;
  readonly #table = new ObjectTable();
  /** Signatures of the files as they were read. */
  readonly #read = new Map<string, string>();
  #previousLook: Look = new Map();
  #listener: DatastoreListener | undefined;
  #watcher: FSWatcher | undefined;
  #settling: Timer | undefined;
  #polling: Timer | undefined;
  #state: 'new' | 'synchronised' | 'lost' = 'new';

  constructor({ directory, clock, settle = 100, poll = 2000 }: FileDatastoreOptions) {
    this.#directory = directory;
    this.#clock = clock;
    this.#settle = settle;
    this.#poll = poll;
  }

  /** Reads at once what is there, then follows changes. */
  start(listener: DatastoreListener): void {
    this.#listener = listener;
    this.#watch();
    this.reread();
    this.#pollLater();
  }

  /** Reads every file again now (SIGHUP). */
  reread(): void {
    const look = this.#listener && this.#look();
    if (look === undefined) return;
    const known = new Set([...this.#read.keys(), ...look.keys()]);
    for (const name of look.keys()) this.#read.delete(name);
    this.#previousLook = look;
    this.#take(look, known);
  }

  stop(): void {
    this.#listener = undefined;
    this.#watcher?.close();
    this.#settling?.cancel();
    this.#polling?.cancel();
  }

  /** Events only hasten what the poll finds anyway, so a system without them is no fault. */
  #watch(): void {
    this.#watcher?.close();
    try {
      const watcher = watch(this.#directory, () => this.#settleLater());
      watcher.on('error', () => watcher.close());
      this.#watcher = watcher;
    } catch {
      this.#watcher = undefined;
    }
  }

  #pollLater(): void {
    this.#polling = this.#clock.setTimer('file-datastore-poll', this.#poll, () => {
      this.#pollLater();
      const look = this.#look();
      if (look === undefined || this.#settling !== undefined || this.#isUpToDate(look)) return;
      this.#previousLook = look;
      this.#settleLater();
    });
  }

  #isUpToDate(look: Look): boolean {
    return (
      this.#state === 'synchronised' &&
      look.size === this.#read.size &&
      [...look].every(([name, signature]) => this.#read.get(name) === signature)
    );
  }

  /** Never put off by further events: what is written to all the time must not hold up the rest. */
  #settleLater(): void {
    if (this.#listener === undefined || this.#settling !== undefined) return;
    this.#settling = this.#clock.setTimer('file-datastore-settle', this.#settle, () => {
      this.#settling = undefined;
      this.#settled();
    });
  }

  /** Takes the files that did not change between two looks; the others get another while. */
  #settled(): void {
    const look = this.#look();
    if (look === undefined) return;
    const previous = this.#previousLook;
    this.#previousLook = look;
    const names = new Set([...look.keys(), ...previous.keys(), ...this.#read.keys()]);
    const still = [...names].filter((name) => look.get(name) === previous.get(name));
    if (still.length < names.size) this.#settleLater();
    this.#take(look, new Set(still));
  }

  /** Reads what changed among the files of `look` (of those in `only`) and publishes it. */
  #take(look: Look, only: ReadonlySet<string>): void {
    for (const [name, signature] of look)
      if (only.has(name) && this.#read.get(name) !== signature) this.#takeFile(name, signature);
    for (const name of this.#read.keys()) {
      if (look.has(name) || !only.has(name)) continue;
      this.#read.delete(name);
      this.#table.removeFile(name);
    }
    if (this.#listener !== undefined) this.#table.publish(this.#listener);
    this.#synchronised();
  }

  #takeFile(name: string, signature: string): void {
    try {
      const objects = readDocuments(name, readResourceFile(this.#directory, name));
      if (signatureOf(this.#directory, name) !== signature) {
        this.#settleLater();
        return;
      }
      this.#table.setFile(name, objects);
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      this.#table.setFault(name, error);
    }
    this.#read.set(name, signature);
  }

  #synchronised(): void {
    if (this.#state === 'synchronised') return;
    if (this.#state === 'lost') {
      this.#watch();
      this.#listener?.resolved(this.#directory);
      this.#listener?.connected?.();
    }
    this.#state = 'synchronised';
    this.#listener?.synchronised();
  }

  /** Undefined when the directory cannot be listed: what was read of it stays in force. */
  #look(): Look | undefined {
    try {
      return new Map(
        listFiles(this.#directory).flatMap((name) => {
          const signature = signatureOf(this.#directory, name);
          return signature === undefined ? [] : [[name, signature]];
        }),
      );
    } catch (cause) {
      this.#lost(cause instanceof Error ? cause.message : String(cause), cause);
      return undefined;
    }
  }

  #lost(message: string, cause: unknown): void {
    if (this.#state === 'lost') return;
    const wasSynchronised = this.#state === 'synchronised';
    this.#state = 'lost';
    this.#listener?.disconnected?.();
    const where = this.#directory;
    const cure = 'Create the directory, or correct its path';
    this.#listener?.problem(
      new BengalError('unreadable-directory', `cannot be read: ${message}`, { where, cure, cause }),
    );
    if (wasSynchronised) this.#listener?.lostSync(`${where} cannot be read`);
  }
}
