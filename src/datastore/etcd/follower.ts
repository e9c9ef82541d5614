import type { Clock, Timer } from '../../runtime/clock.ts';
import type { EtcdConnection } from './connection.ts';
import { EtcdFailure, failureOf } from './failure.ts';
import { endOf, type WatchEvent, type WatchRequest, type WatchResponse } from './messages.ts';

export interface FollowerOptions {
  /** The history that is followed, and the revision up to which it is known. */
  readonly cluster: string;
  readonly revision: number;
  readonly prefixes: readonly string[];
  readonly clock: Clock;
  /** Complete revisions, in order within a prefix. */
  readonly onEvents: (events: readonly WatchEvent[]) => void;
  /** All watches stand, and continue where the last ones ended. */
  readonly onEstablished: () => void;
}

interface Position {
  readonly prefix: string;
  /** The first revision that was not seen yet. */
  next: number;
  /** Pieces of a response that is not complete. */
  pieces: readonly WatchEvent[];
}

const ESTABLISH_TIMEOUT = 10_000;

/**
 * Follows prefixes over any number of connections. A position moves behind the last complete event,
 * never to the header's revision, which runs ahead of the events while a watch catches up.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #positions: readonly Position[];
  #establishing: Timer | undefined;
  #end: (failure: EtcdFailure) => void = () => {};

  constructor(options: FollowerOptions) {
    this.#options = options;
    const next = options.revision + 1;
    this.#positions = options.prefixes.map((prefix) => ({ prefix, next, pieces: [] }));
  }

  /** Watches over a connection to `endpoint`; resolves with what ended it. */
  async follow(connection: Pick<EtcdConnection, 'watch'>, endpoint: string): Promise<EtcdFailure> {
    const waiting = new Set(this.#positions);
    let isOver = false;
    return new Promise((resolve, reject) => {
      this.#end = (failure) => {
        isOver = true;
        this.stop();
        resolve(failure);
      };
      const response = (received: WatchResponse): void => {
        const failure = isOver ? undefined : this.#take(received, waiting, endpoint);
        if (failure !== undefined) this.#end(failure);
      };
      this.#establishing = this.#options.clock.setTimer('etcd-establish', ESTABLISH_TIMEOUT, () =>
        this.#end(new EtcdFailure('etcd-silent', endpoint, 'the watches are not confirmed')),
      );
      connection
        .watch(this.#requests(), { response, failed: (failure) => this.#end(failure) })
        .catch((error: unknown) => {
          this.stop();
          reject(error);
        });
    });
  }

  /** Ends what `follow` is about. */
  abandon(failure: EtcdFailure): void {
    this.#end(failure);
  }

  /** Leaves no timer behind. */
  stop(): void {
    this.#establishing?.cancel();
  }

  #requests(): readonly WatchRequest[] {
    return this.#positions.map((position, index) => {
      position.pieces = [];
      return {
        create_request: {
          key: Buffer.from(position.prefix),
          range_end: endOf(position.prefix),
          start_revision: position.next,
          progress_notify: true,
          watch_id: index + 1,
          fragment: true,
        },
      };
    });
  }

  #take(
    response: WatchResponse,
    waiting: Set<Position>,
    endpoint: string,
  ): EtcdFailure | undefined {
    const { header, canceled, created, watch_id, compact_revision, cancel_reason } = response;
    if (canceled) {
      return compact_revision === '0'
        ? failureOf(endpoint, { details: cancel_reason })
        : new EtcdFailure('etcd-compacted', endpoint, `compacted up to ${compact_revision}`);
    }
    const position = this.#positions[Number(watch_id) - 1];
    if (position === undefined) return undefined;
    if (!created) {
      this.#advance(position, response);
      return undefined;
    }
    const { cluster } = this.#options;
    if (header.cluster_id !== cluster || Number(header.revision) < position.next - 1)
      return new EtcdFailure('etcd-other-history', endpoint, '');
    waiting.delete(position);
    if (waiting.size > 0) return undefined;
    this.stop();
    this.#options.onEstablished();
    return undefined;
  }

  #advance(position: Position, { header, events, fragment }: WatchResponse): void {
    const all = position.pieces.length === 0 ? events : [...position.pieces, ...events];
    position.pieces = fragment ? all : [];
    if (fragment) return;
    const last = all.at(-1);
    if (last === undefined) {
      position.next = Math.max(position.next, Number(header.revision) + 1);
      return;
    }
    position.next = Number(last.kv.mod_revision) + 1;
    this.#options.onEvents(all);
  }
}
