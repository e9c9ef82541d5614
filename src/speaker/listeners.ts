import type { ListenConfig } from '../config/types.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { BengalError } from '../runtime/error.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Connection, Endpoint, Listener, Transport } from '../transport/transport.ts';

/** Milliseconds between attempts to get an address and port that could not be had. */
const RETRY = 2_000;

export interface ListenersOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly accepted: (connection: Connection) => void;
  /** Something began or ceased to listen, or failed. */
  readonly changed: () => void;
}

interface Entry {
  readonly config: ListenConfig;
  listener: Listener | undefined;
  local: Endpoint | undefined;
  error: BengalError | undefined;
  retry: Timer | undefined;
}

/** The listening sockets: rebound live, retried while somebody else holds the port. */
export class Listeners {
  readonly #options: ListenersOptions;
  #entries = new Map<string, Entry>();

  constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** Listens on exactly these; what stays is not touched. */
  apply(listen: readonly ListenConfig[]): void {
    const wanted = new Map(listen.map((config) => [keyOf(config), config]));
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key)) continue;
      this.#close(entry);
      this.#entries.delete(key);
    }
    for (const [key, config] of wanted) {
      if (this.#entries.has(key)) continue;
      const entry: Entry = {
        config,
        listener: undefined,
        local: undefined,
        error: undefined,
        retry: undefined,
      };
      this.#entries.set(key, entry);
      this.#open(entry);
    }
    this.#options.changed();
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#close(entry);
    this.#entries = new Map();
  }

  /** Where it listens now. */
  get listening(): readonly Endpoint[] {
    return [...this.#entries.values()].flatMap(({ local }) => (local === undefined ? [] : [local]));
  }

  /** What it could not get, with the reason. */
  get errors(): readonly BengalError[] {
    return [...this.#entries.values()].flatMap(({ error }) => (error === undefined ? [] : [error]));
  }

  /** True when every configured address is listened on. */
  get ready(): boolean {
    return [...this.#entries.values()].every(({ local }) => local !== undefined);
  }

  #open(entry: Entry): void {
    entry.listener = this.#options.transport.listen(entry.config, {
      listening: (local) => {
        entry.local = local;
        entry.error = undefined;
        this.#options.logger.info({ ...local }, 'listening');
        this.#options.changed();
      },
      accepted: (connection) => this.#options.accepted(connection),
      failed: (error) => this.#failed(entry, error),
    });
  }

  #failed(entry: Entry, error: BengalError): void {
    if (entry.error === undefined) {
      this.#options.logger.error({ ...entry.config, problem: error.describe() }, 'cannot listen');
    }
    entry.error = error;
    entry.local = undefined;
    entry.listener = undefined;
    entry.retry = this.#options.clock.setTimer('listen', RETRY, () => this.#open(entry));
    this.#options.changed();
  }

  #close(entry: Entry): void {
    entry.retry?.cancel();
    entry.listener?.close();
  }
}

const keyOf = ({ address, port }: ListenConfig): string => `${address} ${port}`;
