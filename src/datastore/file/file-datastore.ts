import { type FSWatcher, watch } from 'node:fs';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { BengalError } from '../../runtime/error.ts';
import type { Datastore, DatastoreListener } from '../datastore.ts';
import { type IsOpenForWriting, listFiles, readResourceFile, signatureOf } from './directory.ts';
import { readDocuments } from './documents.ts';
import { ObjectTable } from './object-table.ts';
import { nextLook, type Sight, seenAt, type Waits } from './sight.ts';

export interface FileDatastoreOptions extends Partial<Waits> {
  /** Every *.yaml, *.yml and *.json directly in it is read; sub-directories are not. */
  readonly directory: string;
  readonly clock: Clock;
  /** Absent: nobody can tell. */
  readonly isOpenForWriting?: IsOpenForWriting;
  /** Milliseconds between looks at the directory, for changes without an event; 2000 by default. */
  readonly poll?: number;
}

/** How many times as long as a look takes it rests then: thousands of files take a while. */
const REST = 4;

/**
 * A directory of Kubernetes-style YAML and JSON files, watched live. What a file adds is taken once
 * nobody writes it any more, what it lacks when it has stood still for a while. A file that cannot be
 * read keeps its last good objects; one that is gone takes its objects with it.
 */
export class FileDatastore implements Datastore {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #isOpenForWriting: IsOpenForWriting | undefined;
  readonly #waits: Waits;
  readonly #poll: number;
  readonly #table = new ObjectTable();
  readonly #sights = new Map<string, Sight>();
  #listener: DatastoreListener | undefined;
  #watcher: FSWatcher | undefined;
  #looking: { readonly at: number; readonly timer: Timer } | undefined;
  #polling: Timer | undefined;
  /** Monotonic milliseconds of the last look, and since when the directory can be listed. */
  #lookedAt = 0;
  #listedSince: number | undefined;
  /** It does not look again before. */
  #restsUntil = 0;
  #state: 'new' | 'synchronised' | 'lost' = 'new';

  constructor(options: FileDatastoreOptions) {
    const { directory, clock, isOpenForWriting, poll = 2000 } = options;
    const { quiet = 5, settle = 100, patience = 2000 } = options;
    this.#directory = directory;
    this.#clock = clock;
    this.#isOpenForWriting = isOpenForWriting;
    this.#waits = { quiet, settle, patience };
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
    if (!this.#observe()) return;
    for (const [name, sight] of this.#sights) this.#takeWhole(name, sight, true);
    this.#publish();
    this.#synchronised();
  }

  stop(): void {
    this.#listener = undefined;
    this.#watcher?.close();
    this.#looking?.timer.cancel();
    this.#polling?.cancel();
  }

  /** Events only hasten what the poll finds anyway, so a system without them is no fault. */
  #watch(): void {
    this.#watcher?.close();
    try {
      const watcher = watch(this.#directory, () => this.#hasten());
      watcher.on('error', () => watcher.close());
      this.#watcher = watcher;
    } catch {
      this.#watcher = undefined;
    }
  }

  #pollLater(): void {
    this.#polling = this.#clock.setTimer('file-datastore-poll', this.#poll, () => {
      this.#pollLater();
      this.#look();
    });
  }

  /** Looks at once, unless it has just looked: a storm of events is a few looks. */
  #hasten(): void {
    const now = this.#clock.now();
    const wait = Math.max(this.#lookedAt + this.#waits.quiet, this.#restsUntil) - now;
    if (wait <= 0) this.#look();
    else this.#lookIn(wait);
  }

  /** Looks in so many milliseconds, or when the next look is due. */
  #lookIn(wait: number): void {
    const now = this.#clock.now();
    const at = Math.max(now + wait, this.#restsUntil);
    if (this.#listener === undefined || (this.#looking?.at ?? Number.POSITIVE_INFINITY) <= at)
      return;
    this.#looking?.timer.cancel();
    const timer = this.#clock.setTimer('file-datastore-look', Math.ceil(at - now), () => {
      this.#looking = undefined;
      this.#look();
    });
    this.#looking = { at, timer };
  }

  /** Takes of each file what may be taken by now. */
  #look(): void {
    if (!this.#observe()) return;
    const { quiet, settle, patience } = this.#waits;
    for (const [name, sight] of this.#sights) {
      const age = this.#lookedAt - sight.since;
      if (sight.done || age < quiet) continue;
      if (age >= settle) this.#takeWhole(name, sight, age >= patience);
      else if (!sight.tried) this.#takeObjects(name, sight);
    }
    this.#publish();
    const isWhole = [...this.#sights.values()].every(({ done }) => done);
    if (isWhole && this.#lookedAt - (this.#listedSince ?? 0) >= settle) this.#synchronised();
  }

  /** Lists the directory and looks at the files in it; false when that cannot be done. */
  #observe(): boolean {
    const names = this.#listener && this.#list();
    if (names === undefined) return false;
    const now = this.#clock.now();
    this.#lookedAt = now;
    for (const name of new Set([...names, ...this.#sights.keys()])) {
      const signature = signatureOf(this.#directory, name);
      const before = this.#sights.get(name);
      if (before === undefined || before.signature !== signature)
        this.#sights.set(name, seenAt(now, signature));
    }
    return true;
  }

  /** Takes what a file adds if nobody writes it; a fault may be over when it has settled. */
  #takeObjects(name: string, sight: Sight): void {
    if (sight.signature === undefined) return;
    try {
      const read = readResourceFile(this.#directory, name, this.#isOpenForWriting);
      if (read.openForWriting) return;
      sight.tried = true;
      if (read.openForWriting === undefined) return;
      const objects = readDocuments(name, read.text);
      if (signatureOf(this.#directory, name) !== sight.signature) return;
      this.#table.setFile(name, objects);
      sight.text = read.text;
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      sight.tried = true;
    }
  }

  /** Takes a file as it is, faults and all. */
  #takeWhole(name: string, sight: Sight, evenIfOpen: boolean): void {
    if (sight.signature === undefined) {
      this.#sights.delete(name);
      this.#table.removeFile(name);
      return;
    }
    try {
      const asked = evenIfOpen ? undefined : this.#isOpenForWriting;
      const read = readResourceFile(this.#directory, name, asked);
      if (read.openForWriting) return;
      // Two states within one tick of the file system's clock may look the same.
      const objects = read.text === sight.text ? undefined : readDocuments(name, read.text);
      if (signatureOf(this.#directory, name) !== sight.signature) return;
      if (objects !== undefined) this.#table.setFile(name, objects);
      this.#table.forgetMissed(name);
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      this.#table.setFault(name, error);
    }
    sight.done = true;
    sight.text = undefined;
  }

  /** Tells the listener what is new, and looks again when more may be taken. */
  #publish(): void {
    if (this.#listener !== undefined) this.#table.publish(this.#listener);
    const { settle } = this.#waits;
    const now = this.#clock.now();
    this.#restsUntil = now + REST * (now - this.#lookedAt);
    const waits = [...this.#sights.values()].map((sight) => nextLook(sight, now, this.#waits));
    const wait = Math.min(...waits, this.#state === 'lost' ? settle : Number.POSITIVE_INFINITY);
    if (wait < Number.POSITIVE_INFINITY) this.#lookIn(wait);
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
  #list(): readonly string[] | undefined {
    try {
      const names = listFiles(this.#directory);
      this.#listedSince ??= this.#clock.now();
      return names;
    } catch (cause) {
      this.#listedSince = undefined;
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
