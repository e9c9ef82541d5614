import { errnoName, LinuxError } from '../linux/linux-error.ts';
import type { NetlinkHandler, NetlinkSocket } from '../linux/netlink-socket.ts';
import {
  type NetlinkMessage,
  NetlinkWriter,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  readAnswer,
  readMessages,
} from './netlink-message.ts';

/** How often a dump that changes under our reading is begun again; events tell the rest. */
const REDO_MAX = 5;

const ENOENT = 2;

/** One dump request and what becomes of its answer. */
export interface Dump {
  request(out: NetlinkWriter, sequence: number): void;
  /** Called before the first message, again when the dump must be redone. */
  begin(): void;
  message(message: NetlinkMessage): void;
  /** The dump is whole. */
  end(): void;
}

/** Runs dumps one after the other on a request socket of its own. */
export class DumpRunner {
  readonly #open: (handler: NetlinkHandler) => NetlinkSocket;
  readonly #failed: (error: LinuxError) => void;
  readonly #out = new NetlinkWriter();
  #socket: NetlinkSocket | undefined;
  #queue: Dump[] = [];
  #done: (() => void) | undefined;
  #sequence = 0;
  #redos = 0;
  #interrupted = false;

  constructor(
    open: (handler: NetlinkHandler) => NetlinkSocket,
    failed: (error: LinuxError) => void,
  ) {
    this.#open = open;
    this.#failed = failed;
  }

  get running(): boolean {
    return this.#done !== undefined;
  }

  /** Runs `dumps` in order, then calls `done`; nothing may be running. */
  run(dumps: readonly Dump[], done: () => void): void {
    this.#queue = [...dumps];
    this.#done = done;
    this.#redos = 0;
    this.#next();
  }

  close(): void {
    this.#queue = [];
    this.#done = undefined;
    this.#socket?.close();
    this.#socket = undefined;
  }

  #next(): void {
    const [dump] = this.#queue;
    if (dump === undefined) {
      const done = this.#done;
      this.#done = undefined;
      done?.();
      return;
    }
    try {
      this.#socket ??= this.#open({
        datagram: (bytes, start, end) => this.#read(bytes, start, end),
        overrun: () => this.#reopen(),
        failed: (error) => this.#failed(error),
      });
      this.#interrupted = false;
      dump.begin();
      dump.request(this.#out, ++this.#sequence);
      this.#socket.send(this.#out.take());
    } catch (error) {
      this.#failed(asLinuxError(error));
    }
  }

  /** A stream socket does not outlive ENOBUFS: the dump begins again on a new one. */
  #reopen(): void {
    this.#socket?.close();
    this.#socket = undefined;
    if (this.running) this.#next();
  }

  #read(bytes: Buffer, start: number, end: number): void {
    try {
      readMessages(bytes, start, end, (message) => {
        if (message.sequence === this.#sequence && this.running) this.#take(message);
      });
    } catch (error) {
      this.#failed(asLinuxError(error));
    }
  }

  #take(message: NetlinkMessage): void {
    if ((message.flags & NLM_F_DUMP_INTR) !== 0) this.#interrupted = true;
    if (message.type !== NLMSG_DONE && message.type !== NLMSG_ERROR) {
      this.#queue[0]?.message(message);
      return;
    }
    const { errno, message: text } = readAnswer(message);
    // A table that does not exist is not an empty list but this error.
    if (errno !== 0 && errno !== ENOENT) {
      const name = errnoName(errno);
      this.#failed(
        new LinuxError(`a netlink dump failed with ${name}: ${text ?? name}`, { errno: name }),
      );
      return;
    }
    if (!this.#interrupted || this.#redos++ >= REDO_MAX) this.#queue.shift()?.end();
    this.#next();
  }
}

/** Any error as one that a person may read. */
export function asLinuxError(error: unknown): LinuxError {
  if (error instanceof LinuxError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new LinuxError(`netlink does not work: ${message}`, { cause: error });
}
