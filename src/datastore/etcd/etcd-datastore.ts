import type { Clock, Timer } from '../../runtime/clock.ts';
import type { Random } from '../../runtime/random.ts';
import type { DatastoreListener, StatusDatastore } from '../datastore.ts';
import { EtcdConnection, type EtcdLibrary, type Keepalive } from './connection.ts';
import type { EtcdAccess } from './environment.ts';
import { EtcdFailure, type EtcdFailureCode } from './failure.ts';
import { Follower } from './follower.ts';
import { NODE_STATUS_PREFIX, takeObject } from './keys.ts';
import type { WatchEvent } from './messages.ts';
import { ObjectTable } from './object-table.ts';
import { readSnapshot } from './snapshot.ts';
import { writeStatus } from './status-writer.ts';

export interface EtcdDatastoreOptions {
  readonly access: EtcdAccess;
  /** Beginnings of the keys that are followed. */
  readonly prefixes: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds without a connection after which sync counts as lost; Calico's 600 s by default. */
  readonly lostAfter?: number;
  readonly keepalive?: Keepalive;
}

const LOST_AFTER = 600_000;
const KEEPALIVE: Keepalive = { time: 10_000, timeout: 5_000 };
const FIRST_RETRY = 200;
const LAST_RETRY = 10_000;

/** Codes after which nothing can be resumed. */
const RELIST: readonly EtcdFailureCode[] = [
  'etcd-compacted',
  'etcd-other-history',
  'etcd-too-large',
];

/** Calico's resources in etcd v3: read whole at one revision, then followed from the next. */
export class EtcdDatastore implements StatusDatastore {
  readonly #options: EtcdDatastoreOptions;
  #listener: DatastoreListener | undefined;
  #connection: EtcdConnection | undefined;
  #follower: Follower | undefined;
  /** Where to connect next. */
  #endpoint: number;
  /** Since the watches were last established. */
  #failures = 0;
  #inSync = false;
  /** Messages of the problems told and not over, by endpoint. */
  readonly #told = new Map<string, string>();
  #losing: Timer | undefined;
  #retrying: Timer | undefined;

  constructor(options: EtcdDatastoreOptions) {
    this.#options = options;
    this.#endpoint = options.random.u32() % options.access.endpoints.length;
  }

  start(listener: DatastoreListener): void {
    this.#listener = listener;
    void this.#run(listener);
  }

  stop(): void {
    this.#listener = undefined;
    this.#losing?.cancel();
    this.#retrying?.cancel();
    this.#follower?.stop();
    this.#connection?.close();
  }

  async putStatus(name: string, parts: Readonly<Record<string, unknown>>): Promise<void> {
    const connection = this.#connection;
    const place = `${NODE_STATUS_PREFIX}${name}`;
    if (connection === undefined) throw new EtcdFailure('etcd-unreachable', place, '');
    await writeStatus(connection, place, parts);
  }

  async #run(listener: DatastoreListener): Promise<void> {
    const library = await import('etcd3/lib/connection-pool.js');
    const table = new ObjectTable(listener);
    while (this.#listener !== undefined) {
      const failure = await this.#attempt(library, table);
      if (this.#listener === undefined) return;
      this.#disconnected(failure, listener);
      await this.#pause();
    }
  }

  /** One connection, from its beginning to its end. */
  async #attempt(library: EtcdLibrary, table: ObjectTable): Promise<EtcdFailure> {
    const { access, clock, keepalive = KEEPALIVE } = this.#options;
    const endpoint = access.endpoints[this.#endpoint % access.endpoints.length] ?? '';
    try {
      const connection = new EtcdConnection({ library, endpoint, access, clock, keepalive });
      this.#connection = connection;
      await connection.authenticate();
      this.#follower ??= await this.#list(connection, table);
      return await this.#follower.follow(connection, endpoint);
    } catch (error) {
      if (error instanceof EtcdFailure) return error;
      throw error;
    } finally {
      this.#connection?.close();
    }
  }

  async #list(connection: EtcdConnection, table: ObjectTable): Promise<Follower> {
    const { prefixes, clock } = this.#options;
    const { cluster, revision, objects } = await readSnapshot(connection, prefixes);
    if (this.#listener !== undefined) {
      table.replace(objects);
      this.#synchronised(this.#listener);
    }
    return new Follower({
      cluster,
      revision,
      prefixes,
      clock,
      onEvents: (events) => applyEvents(events, table),
      onEstablished: () => this.#established(),
    });
  }

  #synchronised(listener: DatastoreListener): void {
    if (this.#inSync) return;
    this.#inSync = true;
    listener.synchronised();
  }

  #established(): void {
    this.#failures = 0;
    this.#losing?.cancel();
    this.#losing = undefined;
    this.#listener?.connected?.();
    for (const endpoint of this.#told.keys()) this.#listener?.resolved(endpoint);
    this.#told.clear();
  }

  #disconnected(failure: EtcdFailure, listener: DatastoreListener): void {
    this.#endpoint++;
    this.#failures++;
    if (!this.#inSync || RELIST.includes(failure.code)) this.#follower = undefined;
    const { where = '', message } = failure;
    listener.disconnected?.();
    if (!RELIST.includes(failure.code) && this.#told.get(where) !== message) {
      this.#told.set(where, message);
      listener.problem(failure);
    }
    if (!this.#inSync || this.#losing !== undefined) return;
    const { clock, lostAfter = LOST_AFTER } = this.#options;
    this.#losing = clock.setTimer('etcd-lost', lostAfter, () => this.#lost(failure, listener));
  }

  /** Without a connection for so long; whatever comes next is read whole. */
  #lost(failure: EtcdFailure, listener: DatastoreListener): void {
    this.#losing = undefined;
    this.#inSync = false;
    listener.lostSync(failure.describe());
    this.#follower?.abandon(failure);
    this.#follower = undefined;
  }

  /** Jittered, and longer after each round of all endpoints. */
  #pause(): Promise<void> {
    const { clock, random, access } = this.#options;
    const round = Math.floor((this.#failures - 1) / access.endpoints.length);
    const delay = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** round) * (0.5 + random.next());
    return new Promise((resolve) => {
      this.#retrying = clock.setTimer('etcd-retry', delay, resolve);
    });
  }
}

function applyEvents(events: readonly WatchEvent[], table: ObjectTable): void {
  for (const { type, kv } of events) {
    const key = kv.key.toString();
    if (type === 'Delete') table.delete(key);
    else table.put(key, takeObject(key, kv.value));
  }
}
