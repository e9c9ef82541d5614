import type { Clock, Timer } from '../runtime/clock.ts';
import { BengalError } from '../runtime/error.ts';
import type { Random } from '../runtime/random.ts';
import { LiveSession } from './live-session.ts';
import { type BfdCommand, type BfdReport, type SessionStatus, UNKNOWN_STATUS } from './messages.ts';
import { type BfdArrival, type BfdNetwork, type BfdPath, pathKey } from './network.ts';
import { decodePacket } from './packet.ts';
import type { SessionSettings } from './session-state.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: BfdNetwork;
  readonly report: (report: BfdReport) => void;
}

interface Entry {
  readonly id: number;
  readonly path: BfdPath;
  settings: SessionSettings;
  /** Undefined while its port cannot be had. */
  live: LiveSession | undefined;
  /** Tries again to have a port, or ends the farewell. */
  timer: Timer | undefined;
}

/** Milliseconds until a port that could not be had is tried again. */
const RETRY = 5000;
/** Milliseconds between reports of the counters. */
const COUNTING = 5000;

/** All sessions of a speaker: finds whose a packet is, and does what the commands say. */
export class Engine {
  readonly #options: EngineOptions;
  readonly #entries = new Map<number, Entry>();
  /** By `pathKey`, those that say farewell included. */
  readonly #paths = new Map<string, Entry>();
  #counting: Timer | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  command(command: BfdCommand): void {
    switch (command.type) {
      case 'open':
        this.#open(command);
        return;
      case 'configure':
        this.#configure(command.id, command.settings);
        return;
      case 'close':
        this.#farewell(command.id);
        return;
      case 'end':
        this.#end();
        return;
    }
  }

  #open({ id, path, settings }: Extract<BfdCommand, { readonly type: 'open' }>): void {
    const key = pathKey(path);
    const leaving = this.#paths.get(key);
    if (leaving !== undefined) this.#forget(leaving);
    const entry: Entry = { id, path, settings, live: undefined, timer: undefined };
    this.#entries.set(id, entry);
    this.#paths.set(key, entry);
    this.#begin(entry);
    this.#counting ??= this.#count();
  }

  #begin(entry: Entry): void {
    const { clock, random, network, report } = this.#options;
    const { id, path, settings } = entry;
    try {
      const port = network.open(path, (arrival) => this.#arrived(arrival));
      const changed = (status: SessionStatus): void => report({ type: 'status', id, status });
      const discriminator = this.#discriminator();
      entry.live = new LiveSession({ clock, random, discriminator, settings, port, changed });
      changed(entry.live.status);
    } catch (error) {
      if (!(error instanceof BengalError)) throw error;
      report({ type: 'status', id, status: { ...UNKNOWN_STATUS, fault: error.describe() } });
      entry.timer = clock.setTimer('bfd/open', RETRY, () => this.#begin(entry));
    }
  }

  #arrived(arrival: BfdArrival): void {
    const live = this.#paths.get(pathKey(arrival))?.live;
    if (live === undefined) return;
    const packet = decodePacket(arrival.bytes);
    if (typeof packet !== 'string') live.receive(packet);
  }

  #configure(id: number, settings: SessionSettings): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.settings = settings;
    entry.live?.configure(settings);
  }

  #farewell(id: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    entry.timer?.cancel();
    entry.live?.stop();
    const { clock } = this.#options;
    const wait = entry.live?.farewell ?? 0;
    entry.timer = clock.setTimer('bfd/farewell', wait, () => this.#forget(entry));
  }

  #forget(entry: Entry): void {
    entry.timer?.cancel();
    entry.live?.close();
    this.#entries.delete(entry.id);
    this.#paths.delete(pathKey(entry.path));
  }

  #end(): void {
    for (const entry of [...this.#paths.values()]) {
      if (this.#entries.has(entry.id)) entry.live?.stop();
      this.#forget(entry);
    }
    this.#counting?.cancel();
    this.#options.network.close();
    this.#options.report({ type: 'ended' });
  }

  #count(): Timer {
    const { clock, report } = this.#options;
    return clock.setTimer('bfd/counters', COUNTING, () => {
      const counters = [...this.#entries.values()].flatMap(({ id, live }) =>
        live === undefined ? [] : [{ id, sent: live.sent, received: live.received }],
      );
      report({ type: 'counters', counters });
      this.#counting = this.#count();
    });
  }

  /** Random, so that packets of an earlier life are known as such; unique, and never 0. */
  #discriminator(): number {
    const entries = [...this.#paths.values()];
    for (;;) {
      const candidate = this.#options.random.u32();
      const taken = entries.some(({ live }) => live?.discriminator === candidate);
      if (candidate !== 0 && !taken) return candidate;
    }
  }
}
