import type { Clock } from '../runtime/clock.ts';
import { type BfdCommand, type BfdReport, type SessionStatus, UNKNOWN_STATUS } from './messages.ts';
import { type BfdPath, pathKey } from './network.ts';
import type { SessionSettings } from './session-state.ts';

/** Starts an engine: in a thread of its own, or here for simulations. */
export type StartEngine = (report: (report: BfdReport) => void) => {
  command(command: BfdCommand): void;
};

/** A session as its watchers see it. */
export interface BfdStatus extends SessionStatus {
  /** When it entered its state, see `Clock.wallTime`. */
  readonly since: number;
  readonly sent: number;
  readonly received: number;
}

export type BfdListener = (now: BfdStatus, before: BfdStatus) => void;

/** Somebody's interest in a path. */
export interface BfdWatch {
  readonly status: BfdStatus;
  configure(settings: SessionSettings): void;
  /** The session ends with its last watch, and the peer is told. */
  close(): void;
}

interface Watcher {
  settings: SessionSettings;
  readonly listener: BfdListener;
}

/** One session: two watchers of a path share it, as there is one between two systems (RFC 5881 §2). */
interface Shared {
  readonly id: number;
  readonly watchers: Set<Watcher>;
  settings: SessionSettings;
  status: BfdStatus;
}

/** Milliseconds for which the end of the engine is awaited. */
const PATIENCE = 500;

/** BFD as the speaker uses it. The engine is started with the first watch. */
export class Bfd {
  readonly #start: StartEngine;
  readonly #clock: Clock;
  readonly #byPath = new Map<string, Shared>();
  readonly #byId = new Map<number, Shared>();
  #engine: ReturnType<StartEngine> | undefined;
  #lastId = 0;
  #ended = (): void => {};

  constructor(start: StartEngine, clock: Clock) {
    this.#start = start;
    this.#clock = clock;
  }

  /** `listener` hears of changes of the session from now on. */
  watch(path: BfdPath, settings: SessionSettings, listener: BfdListener): BfdWatch {
    const key = pathKey(path);
    const shared = this.#byPath.get(key) ?? this.#open(key, path, settings);
    const watcher: Watcher = { settings, listener };
    shared.watchers.add(watcher);
    this.#settle(shared);
    return {
      get status() {
        return shared.status;
      },
      configure: (changed) => {
        watcher.settings = changed;
        this.#settle(shared);
      },
      close: () => {
        if (!shared.watchers.delete(watcher)) return;
        if (shared.watchers.size > 0) this.#settle(shared);
        else this.#close(key, shared);
      },
    };
  }

  /** Takes leave of all peers; nothing may be watched afterwards. */
  close(): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const patience = this.#clock.setTimer('bfd/end', PATIENCE, resolve);
      this.#ended = () => {
        patience.cancel();
        resolve();
      };
      engine.command({ type: 'end' });
    });
  }

  #open(key: string, path: BfdPath, settings: SessionSettings): Shared {
    this.#engine ??= this.#start((report) => this.#hear(report));
    const id = ++this.#lastId;
    const status: BfdStatus = {
      ...UNKNOWN_STATUS,
      since: this.#clock.wallTime(),
      sent: 0,
      received: 0,
    };
    const shared: Shared = { id, watchers: new Set(), settings, status };
    this.#byPath.set(key, shared);
    this.#byId.set(id, shared);
    this.#engine.command({ type: 'open', id, path, settings });
    return shared;
  }

  #close(key: string, { id }: Shared): void {
    this.#byPath.delete(key);
    this.#byId.delete(id);
    this.#engine?.command({ type: 'close', id });
  }

  /** A shared session does what its most demanding watcher wants. */
  #settle(shared: Shared): void {
    const least = (field: keyof SessionSettings): number =>
      Math.min(...[...shared.watchers].map(({ settings }) => settings[field]));
    const settings: SessionSettings = {
      desiredMinTx: least('desiredMinTx'),
      requiredMinRx: least('requiredMinRx'),
      detectMultiplier: least('detectMultiplier'),
    };
    if (same(settings, shared.settings)) return;
    shared.settings = settings;
    this.#engine?.command({ type: 'configure', id: shared.id, settings });
  }

  #hear(report: BfdReport): void {
    switch (report.type) {
      case 'status':
        this.#moved(report.id, report.status);
        return;
      case 'counters':
        for (const { id, sent, received } of report.counters) {
          const shared = this.#byId.get(id);
          if (shared !== undefined) shared.status = { ...shared.status, sent, received };
        }
        return;
      case 'ended':
        this.#ended();
        return;
    }
  }

  #moved(id: number, told: SessionStatus): void {
    const shared = this.#byId.get(id);
    if (shared === undefined) return;
    const before = shared.status;
    const since = before.state === told.state ? before.since : this.#clock.wallTime();
    shared.status = { ...before, ...told, since };
    for (const { listener } of [...shared.watchers]) listener(shared.status, before);
  }
}

const same = (a: SessionSettings, b: SessionSettings): boolean =>
  a.desiredMinTx === b.desiredMinTx &&
  a.requiredMinRx === b.requiredMinRx &&
  a.detectMultiplier === b.detectMultiplier;
