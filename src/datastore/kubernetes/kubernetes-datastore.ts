import { setMaxListeners } from 'node:events';
import type { Clock } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { Datastore, DatastoreListener } from '../datastore.ts';
import type { ApiAccess } from './access.ts';
import { ApiClient } from './api-client.ts';
import { type CalicoGroup, CalicoGroupFinder } from './calico-group.ts';
import { KindTable } from './kind-table.ts';
import { WATCHED_KINDS } from './kinds.ts';
import { Reflector } from './reflector.ts';
import { SyncState } from './sync-state.ts';
import { DEFAULT_TIMING, type Timing } from './timing.ts';

export interface KubernetesDatastoreOptions {
  readonly access: ApiAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** The API group of Calico's objects; discovered by default. */
  readonly group?: CalicoGroup | undefined;
  readonly timing?: Partial<Timing>;
}

/** Requests and pauses of a kind that wait for the end at one time; more would be a leak. */
const LISTENERS_OF_KIND = 5;

/**
 * Calico's resources and the Nodes of a Kubernetes API server. Each kind is followed on its own, so that
 * one that may not be read does not hold up the others; all of them make up the view that is in sync.
 */
export class KubernetesDatastore implements Datastore {
  readonly #options: KubernetesDatastoreOptions;
  readonly #client: ApiClient;
  readonly #timing: Timing;
  readonly #stopped = new AbortController();

  constructor(options: KubernetesDatastoreOptions) {
    const { access, clock, timing } = options;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...timing };
    this.#client = new ApiClient({ access, clock, patience: this.#timing.patience });
  }

  start(listener: DatastoreListener): void {
    const { clock, random, group } = this.#options;
    const { signal } = this.#stopped;
    setMaxListeners(LISTENERS_OF_KIND * WATCHED_KINDS.length, signal);
    const plurals = WATCHED_KINDS.map(({ plural }) => plural);
    const context = {
      client: this.#client,
      groups: new CalicoGroupFinder(this.#client, group),
      state: new SyncState(listener, plurals, clock, this.#timing.lostAfter),
      clock,
      random,
      timing: this.#timing,
    };
    for (const kind of WATCHED_KINDS)
      void new Reflector(kind, new KindTable(listener), context).run(signal);
  }

  stop(): void {
    this.#stopped.abort();
    this.#client.close();
  }
}
