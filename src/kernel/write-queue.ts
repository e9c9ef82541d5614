import { errnoName, errnoText } from '../linux/linux-error.ts';
import type { Clock } from '../runtime/clock.ts';
import { asLinuxError } from './dump-runner.ts';
import type { ProgramDone, ProgramError } from './kernel.ts';
import { type NetlinkAnswer, NetlinkWriter } from './netlink-message.ts';
import { encodeRoute, type RawRoute, type RouteRequest } from './rtnetlink-route.ts';

/** Messages in one send: the kernel works inside the call, so more would hold up everything else. */
const BATCH_MAX = 64;

/** Unanswered requests: the default receive buffer holds 256 answers. */
const WINDOW = 200;

interface Request {
  readonly request: RouteRequest;
  /** The route with interface indexes, made when it is sent, or why that cannot be. */
  readonly route: () => RawRoute | ProgramError;
  readonly done: ProgramDone;
}

/** Sends programming requests in batches, with a yield after each, and matches the answers. */
export class WriteQueue {
  readonly #clock: Clock;
  readonly #send: (bytes: Buffer) => void;
  readonly #out = new NetlinkWriter();
  readonly #unanswered = new Map<number, ProgramDone>();
  #waiting: Request[] = [];
  #head = 0;
  #sequence = 0;
  #scheduled = false;
  #closed = false;

  constructor(clock: Clock, send: (bytes: Buffer) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  add(request: Request): void {
    this.#waiting.push(request);
    this.#schedule();
  }

  answer(sequence: number, { errno, message }: NetlinkAnswer): void {
    const done = this.#unanswered.get(sequence);
    if (done === undefined) return;
    this.#unanswered.delete(sequence);
    if (errno === 0) done();
    else done({ errno: errnoName(errno), message: message ?? errnoText(errno) });
    this.#schedule();
  }

  /** Last sequence number sent so far. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Requests up to `sequence` whose answers were lost: nobody knows what became of them. */
  lose(sequence: number): void {
    for (const [at, done] of this.#unanswered) {
      if (at > sequence) return;
      this.#unanswered.delete(at);
      done({ errno: 'ENOBUFS', message: "the kernel's answer was lost" });
    }
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#head = 0;
    this.#unanswered.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed || this.#head === this.#waiting.length) return;
    if (this.#unanswered.size > WINDOW - BATCH_MAX) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const refused: (() => void)[] = [];
    const first = this.#sequence + 1;
    const most = Math.min(BATCH_MAX, WINDOW - this.#unanswered.size);
    for (let taken = 0; taken < most; taken++) {
      const next = this.#waiting[this.#head];
      if (next === undefined) break;
      this.#head++;
      const route = next.route();
      if ('errno' in route) {
        refused.push(() => next.done(route));
        continue;
      }
      encodeRoute(this.#out, next.request, route, ++this.#sequence);
      this.#unanswered.set(this.#sequence, next.done);
    }
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    }
    this.#flush(first);
    for (const refuse of refused) refuse();
    this.#schedule();
  }

  #flush(first: number): void {
    const bytes = this.#out.take();
    if (bytes.length === 0) return;
    try {
      this.#send(bytes);
    } catch (error) {
      const { errno = 'EIO', message } = asLinuxError(error);
      for (let at = first; at <= this.#sequence; at++) {
        const done = this.#unanswered.get(at);
        this.#unanswered.delete(at);
        done?.({ errno, message });
      }
    }
  }
}
