import type { Clock } from '../runtime/clock.ts';
import { Framer } from './framer.ts';
import type { TransportReason } from './reasons.ts';
import type { ConnectionHandler } from './transport.ts';

/** Where an inbox gets its bytes from; it may push some more after `hold`. */
export interface Source {
  hold(): void;
  flow(): void;
  /** The owner has been told that the connection is gone. */
  released(): void;
}

/** Longest uninterrupted delivery to one connection, in milliseconds. */
const SLICE = 2;
/** Octets taken from one connection before the others have their turn. */
const READ_BUDGET = 256 * 1024;

interface Ending {
  readonly reason: TransportReason;
  readonly detail: string | undefined;
}

/** The reading half of a connection: cuts messages, hands them over in slices, waits while paused. */
export class Inbox {
  readonly #clock: Clock;
  readonly #source: Source;
  readonly #framer = new Framer();
  #handler: ConnectionHandler | undefined;
  #paused = false;
  #state: 'open' | 'discarding' | 'silent' = 'open';
  #scheduled = false;
  #taken = 0;
  #ending: Ending | undefined;

  constructor(clock: Clock, source: Source) {
    this.#clock = clock;
    this.#source = source;
  }

  setMaxMessage(size: number): void {
    this.#framer.maxMessage = size;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#schedule();
  }

  /**
   * Takes the first `length` octets of a buffer, lent for the call, in a turn of the event loop that
   * no owner's call is part of.
   */
  push(buffer: Buffer, length: number): void {
    this.#framer.push(buffer, length);
    this.#taken += length;
    if (this.#handler !== undefined && !this.#scheduled) this.#turn();
    this.#framer.keep();
  }

  /** No more bytes will come: `closed` follows what is left, or comes at once where that must wait. */
  finish(reason: TransportReason, detail?: string): void {
    const fin = reason === 'closed-by-peer';
    if (this.#ending !== undefined || (fin && this.#state === 'discarding')) return;
    this.#ending = { reason, detail };
    if (!fin && this.#paused) this.discard();
    if (this.#handler !== undefined && !this.#scheduled) this.#turn();
  }

  pause(): void {
    this.#paused = true;
    this.#framer.halted = true;
    this.#source.hold();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#framer.halted = false;
    this.#schedule();
  }

  /** Throws away what is there and what comes; only `closed` follows, and a FIN no longer asks for it. */
  discard(): void {
    this.#state = 'discarding';
    if (this.#ending?.reason === 'closed-by-peer') this.#ending = undefined;
    this.#paused = false;
    this.#framer.discard();
    this.#framer.halted = false;
    this.#source.flow();
  }

  /** No call-back follows. */
  silence(): void {
    this.#state = 'silent';
    this.#framer.discard();
    this.#framer.halted = true;
  }

  /** Bytes wait that were not looked at. */
  get backlog(): boolean {
    return this.#framer.backlog;
  }

  get #ready(): boolean {
    return this.#state !== 'silent' && !this.#paused;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#taken = 0;
      this.#turn();
    });
  }

  #turn(): void {
    const handler = this.#handler;
    if (handler === undefined || !this.#ready) return;
    if (this.#framer.backlog) {
      const deadline = this.#clock.now() + SLICE;
      this.#framer.deliver(handler, () => this.#clock.now() >= deadline);
      if (this.#state === 'open') handler.readEnd();
    }
    if (this.#ready) this.#goOn(handler);
  }

  #goOn(handler: ConnectionHandler): void {
    if (this.#framer.backlog) this.#yield();
    else if (this.#ending !== undefined) this.#close(handler, this.#ending);
    else if (this.#taken >= READ_BUDGET) this.#yield();
    else this.#source.flow();
  }

  #yield(): void {
    this.#source.hold();
    this.#schedule();
  }

  #close(handler: ConnectionHandler, { reason, detail }: Ending): void {
    this.#state = 'silent';
    if (detail === undefined) handler.closed(reason);
    else handler.closed(reason, detail);
    this.#source.released();
  }
}
