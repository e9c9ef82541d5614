import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';
import { describeProblem, resolveConfig } from '../config/resolve.ts';
import type { SpeakerConfig } from '../config/types.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import { parseStrictJson } from './strict-json.ts';

/** Milliseconds that the file must stand still before it is read. */
const SETTLE = 100;
/** Milliseconds between looks at the file, for changes without an event. */
const POLL = 2000;
/** Largest file, in octets. */
const MAX_SIZE = 16 * 1024 * 1024;

/** What a file said, and by what it is known whether it has changed since. */
export interface ReadConfig {
  readonly config: SpeakerConfig;
  readonly signature: string;
}

/** Reads a configuration file in YAML or JSON. Throws a BengalError that lists all that is wrong. */
export function readConfigFile(file: string): ReadConfig {
  const signature = signatureOf(file);
  const resolved = resolveConfig(parse(file, readText(file)));
  if ('config' in resolved) return { config: resolved.config, signature };
  const [first, ...others] = resolved.errors.map(describeProblem);
  const message = [first, ...others].join(`\n${file}: `);
  throw new BengalError('invalid-configuration', message, { where: file });
}

function readText(file: string): string {
  try {
    if (statSync(file).size <= MAX_SIZE) return readFileSync(file, 'utf8');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const cure = 'create it, or correct --config';
    throw new BengalError('unreadable-file', message, { where: file, cure, cause: error });
  }
  throw new BengalError('file-too-large', `is larger than ${MAX_SIZE} octets`, { where: file });
}

function parse(file: string, text: string): unknown {
  const json = parseStrictJson(text);
  if (json !== undefined) return json;
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error === undefined) return toValue(file, () => document.toJS());
  const line = error.linePos?.[0];
  const where = line === undefined ? file : `${file}:${line.line}:${line.col}`;
  const [message = ''] = error.message.split(/ at line \d/);
  throw new BengalError('malformed-file', message, {
    where,
    cure: 'correct the YAML',
    cause: error,
  });
}

/** Resolving aliases may fail, for one that leads nowhere or for far too many. */
function toValue(file: string, resolve: () => unknown): unknown {
  try {
    return resolve();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new BengalError('malformed-file', message, { where: file, cause: error });
  }
}

export interface ConfigFileOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Puts a changed configuration in force. */
  readonly apply: (config: SpeakerConfig) => void;
}

/** Follows a configuration file: a valid change is applied, an invalid one refused with a message. */
export class ConfigFile {
  readonly #options: ConfigFileOptions;
  #config: SpeakerConfig;
  /** Of the file as last looked at. */
  #signature: string;
  #watcher: FSWatcher | undefined;
  #settling: Timer | undefined;
  #polling: Timer | undefined;
  #stopped = false;

  /** `read` is what is in force; the file may have changed since. */
  constructor(read: ReadConfig, options: ConfigFileOptions) {
    this.#config = read.config;
    this.#signature = read.signature;
    this.#options = options;
    this.#watcher = this.#watch();
    this.#poll();
    this.#look();
  }

  /**
   * Reads the file now and applies it, changed or not (SIGHUP): a password file that it names may
   * have changed.
   */
  reread(): void {
    if (!this.#read()) this.#options.apply(this.#config);
  }

  stop(): void {
    this.#stopped = true;
    this.#watcher?.close();
    this.#settling?.cancel();
    this.#polling?.cancel();
  }

  /** Applies the file if it has changed, and says so. */
  #read(): boolean {
    const { file, logger, apply } = this.#options;
    this.#signature = signatureOf(file);
    try {
      const { config } = readConfigFile(file);
      const before = this.#config;
      if (isDeepStrictEqual(before, config)) return false;
      this.#config = config;
      apply(config);
      return true;
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      const problem = error.describe();
      logger.error({ problem }, 'configuration refused: the last good one stays in force');
      return false;
    }
  }

  /** The directory is watched, since editors and ConfigMaps put another file in place. */
  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(path.dirname(this.#options.file), () => this.#look());
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      // The poll finds every change as well, only later.
      return undefined;
    }
  }

  #poll(): void {
    this.#polling = this.#options.clock.setTimer('config-file-poll', POLL, () => {
      this.#poll();
      if (signatureOf(this.#options.file) !== this.#signature) this.#look();
    });
  }

  /**
   * A change is read once the file has stood still for a while. Until then nothing is looked at: a
   * log beside the file has events of its own for every line.
   */
  #look(): void {
    if (this.#stopped || this.#settling !== undefined) return;
    const { file, clock } = this.#options;
    const seen = signatureOf(file);
    this.#settling = clock.setTimer('config-file-settle', SETTLE, () => {
      this.#settling = undefined;
      const now = signatureOf(file);
      if (now !== seen) this.#look();
      else if (now !== this.#signature) this.#read();
    });
  }
}

function signatureOf(file: string): string {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch {
    return 'absent';
  }
}
