import type { Clock } from '../../runtime/clock.ts';
import { keyOf, type Resource } from '../datastore.ts';
import { EtcdConnection } from './connection.ts';
import { etcdKeyOf, etcdValueOf } from './keys.ts';
import type { Operation } from './messages.ts';

/** etcd takes no more in one transaction unless it is told to. */
const LARGEST_TRANSACTION = 128;
/** Nothing waits for news here: calls have deadlines of their own. */
const KEEPALIVE = { time: 60_000, timeout: 10_000 };

/**
 * Writes Calico's objects as Calico's own tools do, one change after the other; objects without a
 * place in etcd are left out. It knows only of objects that it has written itself.
 */
export class EtcdWriter {
  readonly #connection: EtcdConnection;
  /** Keys in etcd, by the objects' own. */
  readonly #written = new Map<string, string>();
  #last: Promise<void> = Promise.resolve();

  private constructor(connection: EtcdConnection) {
    this.#connection = connection;
  }

  /** Rejects with an EtcdFailure when etcd does not answer now. */
  static async open(endpoint: string, clock: Clock): Promise<EtcdWriter> {
    const library = await import('etcd3/lib/connection-pool.js');
    const access = { endpoints: [endpoint] };
    const options = { library, endpoint, access, clock, keepalive: KEEPALIVE };
    const connection = new EtcdConnection(options);
    try {
      await connection.transact([]);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new EtcdWriter(connection);
  }

  /** Creates or replaces objects, in one step unless they are very many. */
  apply(resources: readonly Resource[]): Promise<void> {
    return this.#afterwards(resources.flatMap((resource) => this.#put(resource)));
  }

  /** Deletes an object by its key (`kind/namespace/name`). */
  delete(key: string): Promise<void> {
    const operations = this.#remove(key, undefined);
    this.#written.delete(key);
    return this.#afterwards(operations);
  }

  close(): void {
    this.#connection.close();
  }

  #put(resource: Resource): readonly Operation[] {
    const key = etcdKeyOf(resource);
    if (key === undefined) return [];
    const moved = this.#remove(keyOf(resource), key);
    this.#written.set(keyOf(resource), key);
    const entry = { key: Buffer.from(key), value: Buffer.from(etcdValueOf(resource)) };
    return [...moved, { request_put: entry }];
  }

  /** The block behind a BlockAffinity's name may change, and with it the key. */
  #remove(name: string, unless: string | undefined): readonly Operation[] {
    const key = this.#written.get(name);
    if (key === undefined || key === unless) return [];
    return [{ request_delete_range: { key: Buffer.from(key) } }];
  }

  #afterwards(operations: readonly Operation[]): Promise<void> {
    const write = async (): Promise<void> => {
      for (let at = 0; at < operations.length; at += LARGEST_TRANSACTION) {
        await this.#connection.transact(operations.slice(at, at + LARGEST_TRANSACTION));
      }
    };
    const written = this.#last.then(write);
    this.#last = written.catch(() => {});
    return written;
  }
}
