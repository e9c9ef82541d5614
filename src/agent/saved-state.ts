import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Resource } from '../datastore/datastore.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import {
  decodeState,
  digestOf,
  encodeState,
  type SavedResources,
  type StateOwner,
  stateBody,
} from './saved-state-file.ts';

export type { SavedResources, StateOwner };

export interface SavedStateOptions {
  readonly directory: string;
  readonly owner: StateOwner;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds for which changes are gathered. */
const GATHER = 5_000;
/** Milliseconds until the disk is tried again. */
const RETRY = 60_000;

/** Milliseconds that the last write may hold up the end of the process. */
const LAST_WRITE = 1_000;

/**
 * The last good state on disk, so that a restart needs no datastore. Passwords of peers are in it: only
 * its owner may read the file. A disk that is full or read-only never stops routing.
 */
export class SavedState {
  readonly file: string;
  readonly #options: SavedStateOptions;
  /** Digest of what stands in the file. */
  #written = '';
  #wanted: (() => readonly Resource[]) | undefined;
  #timer: Timer | undefined;
  /** The write that is under way. */
  #writing: Promise<void> | undefined;
  #stopped = false;
  #problem: BengalError | undefined;

  constructor(options: SavedStateOptions) {
    const { directory, owner } = options;
    this.#options = options;
    this.file = path.join(
      directory,
      `${owner.command}-${owner.name.replaceAll(/[^\w.:-]/g, '_')}.state`,
    );
  }

  /** Why it was not taken, or is not kept. */
  get problem(): BengalError | undefined {
    return this.#problem;
  }

  /** What the life before has left, if it can be used. */
  read(): SavedResources | undefined {
    const text = this.#text();
    if (text === undefined) return undefined;
    const state = decodeState(text, this.#options.owner);
    if ('fault' in state) {
      const cure = 'nothing to do: it is written anew when the datastore is in sync';
      this.#tell(new BengalError('state-refused', state.fault, { where: this.file, cure }));
      return undefined;
    }
    return state;
  }

  /** Writes soon what `resources` gives then. */
  save(resources: () => readonly Resource[]): void {
    this.#wanted = resources;
    if (this.#writing === undefined) this.#later(GATHER);
  }

  /** Writes what has not been written yet, if the disk takes it in time. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    let patience: Timer | undefined;
    const late = new Promise<void>((resolve) => {
      patience = this.#options.clock.setTimer('saved-state', LAST_WRITE, resolve);
    });
    await Promise.race([this.#writeLast(), late]);
    patience?.cancel();
  }

  async #writeLast(): Promise<void> {
    await this.#writing;
    if (this.#wanted !== undefined) await this.#write(this.#wanted);
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.file, 'utf8');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.#tell(this.#failure('cannot be read', error));
      return undefined;
    }
  }

  #later(delay: number): void {
    if (this.#stopped) return;
    this.#timer ??= this.#options.clock.setTimer('saved-state', delay, () => {
      this.#timer = undefined;
      if (this.#wanted !== undefined) this.#writing = this.#writeSoon(this.#wanted);
    });
  }

  async #writeSoon(wanted: () => readonly Resource[]): Promise<void> {
    await this.#write(wanted);
    this.#writing = undefined;
    if (this.#wanted !== undefined) this.#later(this.#problem === undefined ? GATHER : RETRY);
  }

  async #write(wanted: () => readonly Resource[]): Promise<void> {
    const { owner, clock, logger } = this.#options;
    const body = stateBody(wanted());
    const digest = digestOf(body);
    try {
      if (digest !== this.#written)
        await replaceFile(this.file, encodeState(owner, clock.wallTime(), body));
      this.#written = digest;
      if (this.#wanted === wanted) this.#wanted = undefined;
      if (this.#problem !== undefined) logger.info({ file: this.file }, 'the state is saved');
      this.#problem = undefined;
    } catch (error) {
      this.#tell(this.#failure('cannot be written', error));
    }
  }

  #failure(what: string, cause: unknown): BengalError {
    const message = `${what}: ${codeOf(cause)}; a restart will need the datastore`;
    const cure =
      'make room or give the right to write there, or name another place with --state-dir';
    return new BengalError('state-not-saved', message, { where: this.file, cure, cause });
  }

  /** Says a problem once, however often it comes. */
  #tell(problem: BengalError): void {
    if (this.#problem?.message !== problem.message)
      this.#options.logger.warn({ problem: problem.describe() }, 'the last good state is not kept');
    this.#problem = problem;
  }
}

/** Whole or not at all, and for nobody else to read. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);
