import { errnoName, errnoText } from '../linux/linux-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { asLinuxError } from './dump-runner.ts';
import type { KernelRoute, ProgramDone, ProgramError } from './kernel.ts';
import { type NetlinkAnswer, NetlinkWriter } from './netlink-message.ts';
import { Queue } from './queue.ts';
import { encodeRoute, type RawRoute, type RouteRequest } from './rtnetlink-route.ts';

/** Messages in one send: the kernel works inside the call, so more would hold up everything else. */
const BATCH_MAX = 64;

/** Unanswered requests: the default receive buffer holds 256 answers. */
const WINDOW = 200;

export interface Request {
  readonly request: RouteRequest;
  readonly route: KernelRoute;
  readonly done: ProgramDone;
}

export interface WriteQueueOptions {
  readonly clock: Clock;
  readonly send: (bytes: Buffer) => void;
  /** The route with interface indexes, made when it is sent, or why that cannot be. */
  readonly indexed: (route: KernelRoute) => RawRoute | ProgramError;
}

/** Sends programming requests in batches, with a yield after each, and matches the answers. */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #out = new NetlinkWriter();
  readonly #waiting = new Queue<Request>();
  readonly #unanswered = new Map<number, Request>();
  #sequence = 0;
  #scheduled = false;
  #closed = false;

  constructor(options: WriteQueueOptions) {
    this.#options = options;
  }

  add(request: RouteRequest, route: KernelRoute, done: ProgramDone): void {
    this.#waiting.push({ request, route, done });
    this.#schedule();
  }

  answer(sequence: number, { errno, message }: NetlinkAnswer): void {
    const request = this.#unanswered.get(sequence);
    if (request === undefined) return;
    this.#unanswered.delete(sequence);
    if (errno === 0) request.done();
    else request.done({ errno: errnoName(errno), message: message ?? errnoText(errno) });
    this.#schedule();
  }

  /** The request with this sequence number, while it has no answer. */
  unanswered(sequence: number): Request | undefined {
    return this.#unanswered.get(sequence);
  }

  /** Last sequence number sent so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Requests up to `sequence` whose answers were lost: nobody knows what became of them. */
  lose(sequence: number): void {
    this.#fail(0, sequence, lostAnswer);
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#waiting.clear();
    this.#unanswered.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed || this.#waiting.size === 0) return;
    if (this.#unanswered.size > WINDOW - BATCH_MAX) return;
    this.#scheduled = true;
    this.#options.clock.soon(this.#pump);
  }

  readonly #pump = (): void => {
    this.#scheduled = false;
    const refused: (() => void)[] = [];
    const first = this.#sequence + 1;
    const most = Math.min(BATCH_MAX, WINDOW - this.#unanswered.size);
    for (let taken = 0; taken < most; taken++) {
      const next = this.#waiting.take();
      if (next === undefined) break;
      const route = this.#options.indexed(next.route);
      if ('errno' in route) {
        refused.push(() => next.done(route));
        continue;
      }
      encodeRoute(this.#out, next.request, route, ++this.#sequence);
      this.#unanswered.set(this.#sequence, next);
    }
    this.#flush(first);
    for (const refuse of refused) refuse();
    this.#schedule();
  };

  #flush(first: number): void {
    const bytes = this.#out.take();
    if (bytes.length === 0) return;
    try {
      this.#options.send(bytes);
    } catch (error) {
      const { errno = 'EIO', message } = asLinuxError(error);
      this.#fail(first, this.#sequence, { errno, message });
    }
  }

  #fail(first: number, last: number, error: ProgramError): void {
    for (const [at, { done }] of this.#unanswered) {
      if (at > last) return;
      if (at < first) continue;
      this.#unanswered.delete(at);
      done(error);
    }
  }
}

const lostAnswer: ProgramError = { errno: 'ENOBUFS', message: "the kernel's answer was lost" };
