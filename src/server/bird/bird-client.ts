import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../runtime/clock.ts';
import { pour } from '../stream.ts';
import { answerCommand, type Rights } from './command.ts';
import { framed, only } from './lines.ts';
import { type Answer, type BirdContext, banner } from './show.ts';

/** What one client may cost. */
export interface BirdLimits {
  /** Clients of one socket. */
  readonly clients: number;
  /** Octets of a command, its line end not counted. */
  readonly command: number;
  /** A client that takes nothing of its answer for so long is let go, in milliseconds. */
  readonly stallTime: number;
}

export const DEFAULT_BIRD_LIMITS: BirdLimits = {
  clients: 64,
  command: 4_096,
  stallTime: 15_000,
};

export interface BirdClientOptions {
  readonly clock: Clock;
  readonly limits: BirdLimits;
  /** Made anew for each command. */
  readonly context: () => BirdContext;
  readonly failed: (error: unknown) => void;
}

const LINE_END = 0x0a;

/** A client of BIRD's control protocol: a greeting, then one answer for each line, in order. */
export class BirdClient {
  readonly #options: BirdClientOptions;
  readonly #socket: Socket;
  readonly #rights: Rights = { restricted: false };
  /** The beginning of a command, shorter than the limit. */
  #begun: Buffer = Buffer.alloc(0);
  /** The rest of a command that is too long is on its way. */
  #skipping = false;
  #answering = false;
  #stall: Timer | undefined;

  constructor(socket: Socket, options: BirdClientOptions) {
    this.#options = options;
    this.#socket = socket;
    socket.on('close', () => this.#stall?.cancel());
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => this.#read(data));
    socket.write(`0001 ${banner(options.context().version)} ready.\n`);
  }

  /** An answer is being written. */
  get answering(): boolean {
    return this.#answering;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Nothing more is read before what came is answered. */
  #read(data: Buffer): void {
    this.#socket.pause();
    this.#answering = true;
    this.#watch();
    this.#answerAll(data)
      .catch((error: unknown) => {
        this.#options.failed(error);
        this.#socket.destroy();
      })
      .finally(() => {
        this.#answering = false;
        this.#stall?.cancel();
        if (!this.#socket.destroyed) this.#socket.resume();
      });
  }

  async #answerAll(data: Buffer): Promise<void> {
    let from = 0;
    for (let to = data.indexOf(LINE_END); to >= 0; to = data.indexOf(LINE_END, from)) {
      const answer = this.#answer(data.subarray(from, to));
      from = to + 1;
      await pour(this.#socket, framed(answer), this.#options.clock);
      if (this.#socket.destroyed) return;
    }
    this.#keep(data.subarray(from));
  }

  /** The answer to what was begun and `rest`. */
  #answer(rest: Buffer): Answer {
    this.#keep(rest);
    const text = this.#begun.toString('latin1');
    const skipped = this.#skipping;
    this.#begun = Buffer.alloc(0);
    this.#skipping = false;
    if (skipped) return only(9000, 'Command too long');
    return answerCommand(text, this.#rights, this.#options.context());
  }

  #keep(part: Buffer): void {
    const tooLong = this.#begun.length + part.length > this.#options.limits.command;
    this.#skipping ||= tooLong;
    this.#begun = this.#skipping ? Buffer.alloc(0) : Buffer.concat([this.#begun, part]);
  }

  /** Lets go of a client that takes nothing. */
  #watch(): void {
    const { clock, limits } = this.#options;
    const before = this.#taken();
    this.#stall?.cancel();
    this.#stall = clock.setTimer('bird-client/stall', limits.stallTime, () => {
      if (this.#socket.writableLength > 0 && this.#taken() === before) this.#socket.destroy();
      else if (this.#answering) this.#watch();
    });
  }

  /** Octets that the kernel has taken from us. */
  #taken(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }
}
