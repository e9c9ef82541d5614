import type { MessageError } from '../wire/errors.ts';
import { frameLength } from '../wire/header.ts';
import { HEADER_LENGTH } from '../wire/message.ts';
import type { ConnectionHandler } from './transport.ts';

/** Messages between two looks at the clock. */
const CHECK_EVERY = 16;

/** Where the header keeps the length of the message. */
const LENGTH_OFFSET = 16;

const NOTHING = Buffer.alloc(0);

/**
 * Cuts a byte stream into messages (RFC 4271 §4.1). A message that lies within one chunk is lent
 * without a copy; one that is split over chunks is put together in a buffer of its own length.
 */
export class Framer {
  /** While true no message is handed over; may be set from within `message`. */
  halted = false;
  /** Largest message accepted, header included. */
  maxMessage = 4096;
  readonly #chunks: Buffer[] = [];
  #chunk: Buffer = NOTHING;
  /** The octets of the chunk that were not looked at: `[at, end)`. */
  #at = 0;
  #end = 0;
  /** The chunk belongs to whoever pushed it. */
  #lent = false;
  /** The beginning of a split message, and how much of it is there. */
  #split: Buffer = NOTHING;
  #filled = 0;
  #broken = false;
  #delivered = 0;

  /** True while bytes wait that were not looked at. */
  get backlog(): boolean {
    return this.#at < this.#end || this.#chunks.length > 0;
  }

  /** Takes the first `length` octets of a buffer that is lent until `keep`. */
  push(buffer: Buffer, length: number): void {
    if (this.#broken) return;
    this.#lent = !this.backlog;
    if (this.#lent) this.#take(buffer, length);
    else this.#chunks.push(Buffer.from(buffer.subarray(0, length)));
  }

  /** Copies what is left of a chunk that was lent. */
  keep(): void {
    if (!this.#lent) return;
    this.#lent = false;
    if (this.#at === this.#end) this.#take(NOTHING, 0);
    else this.#take(Buffer.from(this.#chunk.subarray(this.#at, this.#end)), this.#end - this.#at);
  }

  /** Forgets everything and takes nothing more. */
  discard(): void {
    this.#broken = true;
    this.#chunks.length = 0;
    this.#split = NOTHING;
    this.#take(NOTHING, 0);
  }

  /** Hands over whole messages until none is left, `halted` is set, or `late` says so. */
  deliver(handler: ConnectionHandler, late: () => boolean): void {
    while (!this.halted) {
      if (this.#at === this.#end) {
        const next = this.#chunks.shift();
        if (next === undefined) return;
        this.#take(next, next.length);
      }
      const handed = this.#filled > 0 ? this.#join(handler) : this.#cut(handler);
      if (handed && ++this.#delivered % CHECK_EVERY === 0 && late()) return;
    }
  }

  #take(chunk: Buffer, length: number): void {
    this.#chunk = chunk;
    this.#at = 0;
    this.#end = length;
  }

  /** Hands over the message at the cursor, or begins a split one with the rest of the chunk. */
  #cut(handler: ConnectionHandler): boolean {
    const chunk = this.#chunk;
    const start = this.#at;
    const length = frameLength(chunk, start, this.#end, this.maxMessage);
    if (typeof length !== 'number') return this.#fail(handler, length);
    if (length === 0) return this.#begin(lengthAt(chunk, start, this.#end));
    this.#at = start + length;
    handler.message(chunk, start, this.#at);
    return true;
  }

  #begin(length: number): false {
    this.#split = Buffer.allocUnsafe(length);
    this.#filled = 0;
    this.#fill();
    return false;
  }

  /** Goes on with a split message: first its header, then the length that the header tells. */
  #join(handler: ConnectionHandler): boolean {
    this.#fill();
    if (this.#split.length === HEADER_LENGTH) {
      const length = frameLength(this.#split, 0, this.#filled, this.maxMessage);
      if (typeof length !== 'number') return this.#fail(handler, length);
      if (length === 0) return this.#grow();
    }
    if (this.#filled < this.#split.length) return false;
    const message = this.#split;
    this.#split = NOTHING;
    this.#filled = 0;
    handler.message(message, 0, message.length);
    return true;
  }

  #grow(): false {
    const header = this.#split;
    this.#split = Buffer.allocUnsafe(lengthAt(header, 0, this.#filled));
    header.copy(this.#split, 0, 0, this.#filled);
    return false;
  }

  #fill(): void {
    const copied = this.#chunk.copy(this.#split, this.#filled, this.#at, this.#end);
    this.#filled += copied;
    this.#at += copied;
  }

  #fail(handler: ConnectionHandler, { subcode, data }: MessageError): false {
    this.discard();
    handler.malformed(subcode, data);
    return false;
  }
}

/** Octets of the message at `at` as far as `bytes[at, end)` tells: its header's, or its own. */
const lengthAt = (bytes: Buffer, at: number, end: number): number =>
  end - at < HEADER_LENGTH ? HEADER_LENGTH : bytes.readUInt16BE(at + LENGTH_OFFSET);
