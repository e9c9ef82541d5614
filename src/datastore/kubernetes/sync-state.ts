import type { Clock } from '../../runtime/clock.ts';
import type { DatastoreListener } from '../datastore.ts';
import { ApiFailure, type FailureCode } from './failure.ts';
import type { Timing } from './timing.ts';

/** Answers that say for certain that the view cannot be kept up to date. */
const CERTAIN: readonly FailureCode[] = [
  'api-unauthorized',
  'api-forbidden',
  'api-not-json',
  'api-credentials',
];

/** No answer at all. */
const UNANSWERED: readonly FailureCode[] = ['api-unreachable', 'api-silent'];

type SyncTiming = Pick<Timing, 'toldAfter' | 'lostAfter'>;

/** Joins the states of all kinds into one: in sync while every kind is. */
export class SyncState {
  readonly #listener: DatastoreListener;
  readonly #clock: Clock;
  readonly #timing: SyncTiming;
  /** Kinds that are not up to date, with the time of the first failure in a row. */
  readonly #behind: Map<string, number>;
  /** Kinds whose failures do not make the view stale; they are only waited for, and not for long. */
  readonly #additional = new Set<string>();
  /** Kinds that were read whole at some time. */
  readonly #read = new Set<string>();
  /** Kinds whose last request was not answered. */
  readonly #unanswered = new Set<string>();
  readonly #failures = new Map<string, ApiFailure>();
  #published: ReadonlyMap<string, ApiFailure> = new Map();
  #synchronised = false;

  constructor(
    listener: DatastoreListener,
    kinds: readonly string[],
    clock: Clock,
    timing: SyncTiming,
  ) {
    this.#listener = listener;
    this.#clock = clock;
    this.#timing = timing;
    this.#behind = new Map(kinds.map((kind) => [kind, clock.now()]));
  }

  /** The view of no kinds at all is whole from the beginning. */
  begin(): void {
    this.#complete();
  }

  /** A kind was behind when the view was declared stale: only a whole list mends it. */
  isLost(kind: string): boolean {
    return !this.#synchronised && this.#behind.has(kind);
  }

  /** A kind is followed from now on as well: the view is not whole before it was looked for. */
  add(kind: string): void {
    this.#additional.add(kind);
    this.#behind.set(kind, this.#clock.now());
    this.#lose(`${kind} is being read`);
  }

  /** A kind that was added was waited for long enough: the view is whole without it. */
  waive(kind: string): void {
    if (this.#read.has(kind) || !this.#behind.has(kind)) return;
    if (!this.#failures.has(kind)) this.#failures.set(kind, new ApiFailure('api-silent', kind, ''));
    this.#publish();
    this.#goOnWithout(kind);
  }

  /** A kind that was added is not followed any more. */
  remove(kind: string): void {
    this.#additional.delete(kind);
    this.#read.delete(kind);
    this.#behind.delete(kind);
    this.#failures.delete(kind);
    this.#answered(kind);
    this.#publish();
    this.#complete();
  }

  /** A kind is up to date; `remark` is what a person should know nevertheless. */
  current(kind: string, remark?: ApiFailure): void {
    this.#read.add(kind);
    this.#behind.delete(kind);
    this.#answered(kind);
    if (remark === undefined) this.#failures.delete(kind);
    else this.#failures.set(kind, remark);
    this.#publish();
    this.#complete();
  }

  /** An attempt failed. Connections are cut all the time: that alone is nothing yet. */
  failed(kind: string, failure: ApiFailure): void {
    const now = this.#clock.now();
    const since = this.#behind.get(kind) ?? now;
    this.#behind.set(kind, since);
    if (UNANSWERED.includes(failure.code)) this.#notAnswered(kind);
    else this.#answered(kind);
    const { toldAfter, lostAfter } = this.#timing;
    const isCertain = CERTAIN.includes(failure.code);
    const mayPass = this.#read.has(kind) && !isCertain;
    const lasting = now - since;
    if (mayPass && (lasting === 0 || lasting < Math.min(toldAfter, lostAfter))) return;
    this.#failures.set(kind, failure);
    this.#publish();
    if (this.#additional.has(kind)) {
      if (this.#read.has(kind) || isCertain) this.#goOnWithout(kind);
    } else if (!mayPass || lasting >= lostAfter) this.#lose(failure.describe());
  }

  #goOnWithout(kind: string): void {
    this.#behind.delete(kind);
    this.#complete();
  }

  #notAnswered(kind: string): void {
    if (this.#unanswered.size === 0) this.#listener.disconnected?.();
    this.#unanswered.add(kind);
  }

  #answered(kind: string): void {
    if (this.#unanswered.delete(kind) && this.#unanswered.size === 0) this.#listener.connected?.();
  }

  #complete(): void {
    if (this.#behind.size > 0 || this.#synchronised) return;
    this.#synchronised = true;
    this.#listener.synchronised();
  }

  #lose(reason: string): void {
    if (!this.#synchronised) return;
    this.#synchronised = false;
    this.#listener.lostSync(reason);
  }

  /** One problem for each place, however many kinds suffer from it. */
  #publish(): void {
    const before = this.#published;
    const now = new Map<string, ApiFailure>();
    for (const failure of this.#failures.values()) {
      const where = failure.where ?? '';
      if (!now.has(where)) now.set(where, failure);
    }
    this.#published = now;
    for (const where of before.keys()) if (!now.has(where)) this.#listener.resolved(where);
    for (const [where, failure] of now)
      if (before.get(where)?.message !== failure.message) this.#listener.problem(failure);
  }
}
