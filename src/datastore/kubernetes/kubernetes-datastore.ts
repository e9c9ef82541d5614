import { setMaxListeners } from 'node:events';
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { DatastoreListener, StatusDatastore } from '../datastore.ts';
import type { ApiAccess } from './access.ts';
import { ApiClient } from './api-client.ts';
import { type CalicoGroup, CalicoGroupFinder } from './calico-group.ts';
import { KindTable } from './kind-table.ts';
import {
  NODE_STATUSES,
  WATCHED_KINDS,
  type WantedKind,
  type WatchedKind,
  watchedKindOf,
} from './kinds.ts';
import { timerUntil } from './pause.ts';
import { Reflector, type ReflectorContext } from './reflector.ts';
import { writeStatus } from './status-writer.ts';
import { SyncState } from './sync-state.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

export interface KubernetesDatastoreOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** The API group of Calico's objects; discovered by default. */
  readonly group?: CalicoGroup | undefined;
  /** What is followed from the start; by default all that every derivation reads. */
  readonly kinds?: readonly WatchedKind[];
  readonly timing?: Partial<Timing>;
}

/** What is followed because a derivation asked for it. */
interface Followed {
  readonly table: KindTable;
  readonly ended: AbortController;
}

/** Requests and pauses of a kind that wait for the end at one time; more would be a leak. */
const LISTENERS_OF_KIND = 5;

/**
 * Calico's resources and the Nodes of a Kubernetes API server, and what else a derivation asks for. Each
 * kind is followed on its own, so that one that may not be read does not hold up the others; all of them
 * make up the view that is in sync.
 */
export class KubernetesDatastore implements StatusDatastore {
  readonly #options: KubernetesDatastoreOptions;
  readonly #client: ApiClient;
  readonly #groups: CalicoGroupFinder;
  readonly #timing: Timing;
  readonly #stopped = new AbortController();
  readonly #additional = new Map<string, Followed>();
  #running:
    | { readonly listener: DatastoreListener; readonly context: ReflectorContext }
    | undefined;

  constructor(options: KubernetesDatastoreOptions) {
    const { access, clock, timing, group } = options;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...timing };
    this.#client = new ApiClient({ access, clock, patience: this.#timing.patience });
    this.#groups = new CalicoGroupFinder(this.#client, group);
  }

  start(listener: DatastoreListener): void {
    const { clock, random, kinds = WATCHED_KINDS } = this.#options;
    const { signal } = this.#stopped;
    const ids = kinds.map(({ id }) => id);
    const state = new SyncState(listener, ids, clock, this.#timing);
    const shared = { client: this.#client, groups: this.#groups, timing: this.#timing };
    const context = { ...shared, state, clock, random };
    this.#running = { listener, context };
    setMaxListeners(LISTENERS_OF_KIND * kinds.length, signal);
    for (const kind of kinds)
      void new Reflector(kind, new KindTable(listener), context).run(signal);
    state.begin();
  }

  /** Follows exactly these beside the kinds that are always followed. */
  need(wanted: readonly WantedKind[]): void {
    if (this.#running === undefined || this.#stopped.signal.aborted) return;
    const kinds = new Map(wanted.map(watchedKindOf).map((kind) => [kind.id, kind]));
    for (const [id, followed] of this.#additional) if (!kinds.has(id)) this.#leave(id, followed);
    for (const kind of kinds.values()) if (!this.#additional.has(kind.id)) this.#follow(kind);
  }

  async putStatus(name: string, parts: Readonly<Record<string, unknown>>): Promise<void> {
    const { signal } = this.#stopped;
    const { path, kind } = NODE_STATUSES;
    const place = `/apis/${await this.#groups.find(signal)}/${path}/${encodeURIComponent(name)}`;
    await writeStatus(this.#client, { path: place, subject: `${kind} ${name}`, signal }, parts);
  }

  stop(): void {
    this.#stopped.abort();
    for (const { ended } of this.#additional.values()) ended.abort();
    this.#client.close();
  }

  #follow(kind: WatchedKind): void {
    if (this.#running === undefined) return;
    const { listener, context } = this.#running;
    const table = new KindTable(listener);
    const ended = new AbortController();
    const { state, clock, timing } = context;
    this.#additional.set(kind.id, { table, ended });
    state.add(kind.id);
    timerUntil(ended.signal, clock, 'kubernetes-wanted', timing.wanted, () => state.waive(kind.id));
    void new Reflector(kind, table, context).run(ended.signal);
  }

  #leave(id: string, { table, ended }: Followed): void {
    ended.abort();
    this.#additional.delete(id);
    table.replace([]);
    this.#running?.context.state.remove(id);
  }
}
