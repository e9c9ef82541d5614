import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { asStored } from './as-stored.ts';
import { BackOff } from './back-off.ts';
import type { CalicoGroupFinder } from './calico-group.ts';
import { ApiFailure } from './failure.ts';
import type { KindTable } from './kind-table.ts';
import type { WatchedKind } from './kinds.ts';
import { listAll, withQuery } from './listing.ts';
import { pause } from './pause.ts';
import type { SyncState } from './sync-state.ts';
import { SHORT_WATCH, SILENT_WATCHES, type Timing, WATCH_SECONDS } from './timing.ts';
import { readWatchEvent } from './watch-event.ts';

/** What all kinds of a datastore share. */
export interface ReflectorContext {
  readonly client: ApiClient;
  readonly groups: CalicoGroupFinder;
  readonly state: SyncState;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
}

/** Keeps a table equal to what the API server holds of one kind: list, then watch, for ever. */
export class Reflector {
  readonly #kind: WatchedKind;
  readonly #table: KindTable;
  readonly #context: ReflectorContext;
  readonly #backOff: BackOff;
  /** Where the next watch begins; undefined when everything must be listed first. */
  #version: string | undefined;
  #silentWatches = 0;
  /** Where the kind was looked for last. */
  #group = '';

  constructor(kind: WatchedKind, table: KindTable, context: ReflectorContext) {
    this.#kind = kind;
    this.#table = table;
    this.#context = context;
    this.#backOff = new BackOff(context.random);
  }

  /** Runs until `signal` aborts; from then on nothing reaches the table. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
      } catch (error) {
        if (signal.aborted) return;
        const delay = await this.#failed(error, signal);
        await pause(this.#context.clock, delay, signal);
      }
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#context.state.isLost(this.#kind.id)) this.#version = undefined;
    const version = this.#version ?? (await this.#list(signal));
    if (!signal.aborted) await this.#watch(version, signal);
  }

  /** Replaces the table at once, when the last page is there; returns the version to watch from. */
  async #list(signal: AbortSignal): Promise<string> {
    const { client, state } = this.#context;
    const request = await this.#request(signal);
    const { objects, version } = await listAll(client, request, (object) =>
      asStored(this.#kind, object),
    );
    signal.throwIfAborted();
    this.#table.replace(objects);
    this.#version = version;
    this.#silentWatches = 0;
    state.current(this.#kind.id);
    return version;
  }

  async #watch(from: string, signal: AbortSignal): Promise<void> {
    const { client, clock, random, state, timing } = this.#context;
    const request = await this.#request(signal);
    const seconds = Math.round(WATCH_SECONDS * (1 + random.next()));
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}`;
    const began = clock.now();
    let lines = 0;
    await client.stream({
      ...request,
      path: withQuery(request.path, `${query}&resourceVersion=${encodeURIComponent(from)}`),
      quiet: timing.quiet,
      opened: () => {
        signal.throwIfAborted();
        state.current(this.#kind.id);
      },
      line: (text) => {
        signal.throwIfAborted();
        lines++;
        this.#take(text);
      },
    });
    this.#ended(lines, clock.now() - began);
  }

  #take(line: string): void {
    const event = readWatchEvent(line, this.#kind.id);
    if (isBefore(event.version, this.#version))
      throw new ApiFailure('api-expired', this.#kind.id, `${event.version} is older`);
    this.#version = event.version;
    this.#backOff.reset();
    if (event.type === 'bookmark') return;
    const taken = asStored(this.#kind, event.object);
    if (event.type === 'put') this.#table.put(taken);
    else this.#table.remove(taken.key);
  }

  /**
   * A server that was restored from a backup lets a watch of a version to come wait without a word:
   * after several watches that told nothing, not even their closing bookmark, a list brings certainty.
   */
  #ended(lines: number, duration: number): void {
    this.#silentWatches = lines === 0 ? this.#silentWatches + 1 : 0;
    if (lines === 0 && duration < SHORT_WATCH)
      throw new ApiFailure('api-busy', this.#kind.id, 'a watch ended as soon as it began');
    this.#backOff.reset();
    if (this.#silentWatches >= SILENT_WATCHES) this.#version = undefined;
  }

  async #request(signal: AbortSignal): Promise<ApiRequest> {
    const { id, path, group } = this.#kind;
    this.#group = group === 'calico' ? await this.#context.groups.find(signal) : group;
    const root = this.#group === 'v1' ? '/api' : '/apis';
    return { path: `${root}/${this.#group}/${path}`, subject: id, signal };
  }

  /** Milliseconds to wait before the next attempt. Our own mistakes are thrown on. */
  async #failed(error: unknown, signal: AbortSignal): Promise<number> {
    if (!(error instanceof ApiFailure)) throw error;
    if (error.code === 'api-kind-missing' && this.#kind.group === 'calico')
      return this.#missing(error, signal);
    if (error.code === 'api-expired') this.#version = undefined;
    this.#context.state.failed(this.#kind.id, error);
    return this.#backOff.next(error.retryAfter);
  }

  /**
   * A cluster without this kind has none of its objects; it is looked for again now and then. But when
   * the objects have moved to the other group, they are listed there before any counts as gone.
   */
  async #missing(failure: ApiFailure, signal: AbortSignal): Promise<number> {
    const { state, groups, timing, random } = this.#context;
    const before = this.#group;
    this.#version = undefined;
    try {
      if ((await groups.findAgain(signal)) !== before) return this.#backOff.next();
    } catch (error) {
      return signal.aborted ? 0 : this.#failed(error, signal);
    }
    if (signal.aborted) return 0;
    this.#table.replace([]);
    state.current(this.#kind.id, failure);
    return timing.missing * (0.5 + random.next());
  }
}

/**
 * Versions of one kind only grow. One that does not is that of a server with another history, or of an
 * event that lost its way: what it says is no news. Versions that are no numbers cannot be compared.
 */
function isBefore(version: string, known: string | undefined): boolean {
  if (known === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(known)) return false;
  return BigInt(version) < BigInt(known);
}
