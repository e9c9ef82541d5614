/** Bytes that are not what netlink(7) says: lengths that lie or fields cut short. */
export class NetlinkFormatError extends Error {
  override readonly name = 'NetlinkFormatError';
}

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_EXCL = 0x200;
export const NLM_F_CREATE = 0x400;
export const NLM_F_DUMP = 0x300;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
const HEADER = 16;
const NLA_TYPE_MASK = 0x3fff;

/** One message of a datagram; the payload is `bytes` from `start` to `end`. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Address of the socket that asked for it. */
  readonly port: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Gives `take` the messages of one datagram, `bytes` from `start` to `end`. Throws a
 * `NetlinkFormatError` when a length does not fit.
 *
 *   length 4 | type 2 | flags 2 | sequence 4 | port id 4 | payload, padded to 4
 */
export function readMessages(
  bytes: Buffer,
  start: number,
  end: number,
  take: (message: NetlinkMessage) => void,
): void {
  let at = start;
  while (at < end) {
    if (end - at < HEADER) throw new NetlinkFormatError('a message header is cut short');
    const length = bytes.readUInt32LE(at);
    if (length < HEADER || length > end - at) {
      throw new NetlinkFormatError(`message length ${length} does not fit the datagram`);
    }
    take({
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      port: bytes.readUInt32LE(at + 12),
      bytes,
      start: at + HEADER,
      end: at + length,
    });
    at += aligned(length);
  }
}

/** The attributes of one message by type, each checked against its bounds when read. */
export class Attributes {
  readonly #bytes: Buffer;
  readonly #first: number;
  readonly #end: number;

  /**
   *   length 2 | type 2 | value, padded to 4
   */
  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#first = start;
    let at = start;
    while (end - at >= 4) {
      const length = bytes.readUInt16LE(at);
      if (length < 4 || length > end - at) {
        throw new NetlinkFormatError(`attribute length ${length} does not fit the message`);
      }
      at += aligned(length);
    }
    this.#end = at;
  }

  has(type: number): boolean {
    return this.#find(type) !== 0;
  }

  u32(type: number): number | undefined {
    const start = this.start(type, 4);
    return start === 0 ? undefined : this.#bytes.readUInt32LE(start);
  }

  /** The value, borrowed; at least `least` octets long. */
  value(type: number, least: number): Buffer | undefined {
    const start = this.start(type, least);
    if (start === 0) return undefined;
    return this.#bytes.subarray(start, start + this.length(start));
  }

  /** Where the value of an attribute begins, at least `least` octets long; 0 where there is none. */
  start(type: number, least: number): number {
    const at = this.#find(type);
    if (at === 0) return 0;
    if (this.length(at + 4) < least) throw new NetlinkFormatError(`attribute ${type} is too short`);
    return at + 4;
  }

  /** Octets of the value that begins at `start`. */
  length(start: number): number {
    return this.#bytes.readUInt16LE(start - 4) - 4;
  }

  /** Where the last attribute of a type begins, as the kernel reads it; messages have few. */
  #find(type: number): number {
    const bytes = this.#bytes;
    let found = 0;
    for (let at = this.#first; at < this.#end; at += aligned(bytes.readUInt16LE(at))) {
      if ((bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK) === type) found = at;
    }
    return found;
  }

  /** A zero-terminated string. */
  text(type: number): string | undefined {
    const value = this.value(type, 0);
    if (value === undefined) return undefined;
    const zero = value.indexOf(0);
    return value.toString('utf8', 0, zero < 0 ? value.length : zero);
  }
}

/** An answer: error number (0 is success) and the kernel's own words, where it gave some. */
export interface NetlinkAnswer {
  readonly errno: number;
  readonly message: string | undefined;
}

/**
 * NLMSG_ERROR and NLMSG_DONE with the attributes of NETLINK_EXT_ACK.
 *
 *   -errno 4 | header of the request 16 | its payload, unless capped | attributes
 */
export function readAnswer({ type, flags, bytes, start, end }: NetlinkMessage): NetlinkAnswer {
  if (end - start < 4) {
    if (type === NLMSG_DONE) return { errno: 0, message: undefined };
    throw new NetlinkFormatError('an answer is cut short');
  }
  const errno = 0 - bytes.readInt32LE(start);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno, message: undefined };
  let at = start + 4;
  if (type === NLMSG_ERROR) {
    if (end - at < HEADER) throw new NetlinkFormatError('an answer is cut short');
    at += (flags & NLM_F_CAPPED) === 0 ? aligned(bytes.readUInt32LE(at)) : HEADER;
  }
  const message = at < end ? new Attributes(bytes, at, end).text(NLMSGERR_ATTR_MSG) : undefined;
  return { errno, message };
}

/** Checks that a message's fixed part of `size` octets is there. */
export function requireFixed({ start, end }: NetlinkMessage, size: number): void {
  if (end - start < size) throw new NetlinkFormatError('a message is cut short');
}

const aligned = (length: number): number => (length + 3) & ~3;

/** Builds messages one after the other in a buffer that grows and is used again. */
export class NetlinkWriter {
  #bytes = Buffer.alloc(8192);
  #at = 0;

  begin(type: number, flags: number, sequence: number): number {
    const start = this.#grow(HEADER);
    this.#bytes.writeUInt16LE(type, start + 4);
    this.#bytes.writeUInt16LE(flags, start + 6);
    this.#bytes.writeUInt32LE(sequence >>> 0, start + 8);
    this.#bytes.writeUInt32LE(0, start + 12);
    return start;
  }

  /** Writes the length of the message that began at `start`. */
  end(start: number): void {
    this.#bytes.writeUInt32LE(this.#at - start, start);
  }

  /** Octets of a fixed part, whose number is a multiple of 4. */
  octets(...values: readonly number[]): void {
    const at = this.#grow(values.length);
    for (let index = 0; index < values.length; index++) {
      this.#bytes[at + index] = values[index] as number;
    }
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
  }

  attributeU32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    this.#bytes.writeUInt32LE(value >>> 0, at);
  }

  attribute(type: number, value: Uint8Array): void {
    const at = this.#attribute(type, value.length);
    for (let index = 0; index < value.length; index++) {
      this.#bytes[at + index] = value[index] as number;
    }
  }

  /** Opens a nested attribute, or a structure that begins with its own 16-bit length. */
  open(type: number): number {
    const at = this.#grow(4);
    this.#bytes.writeUInt16LE(type, at + 2);
    return at;
  }

  close(start: number): void {
    this.#bytes.writeUInt16LE(this.#at - start, start);
  }

  /** What was written, borrowed until the next `begin`; the writer is empty then. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  #attribute(type: number, length: number): number {
    const at = this.#grow(4 + aligned(length));
    this.#bytes.writeUInt16LE(4 + length, at);
    this.#bytes.writeUInt16LE(type, at + 2);
    for (let pad = at + 4 + length; pad < this.#at; pad++) this.#bytes[pad] = 0;
    return at + 4;
  }

  /** Room for `size` octets, all of which must be written. */
  #grow(size: number): number {
    const at = this.#at;
    this.#at += size;
    if (this.#at > this.#bytes.length) {
      const larger = Buffer.alloc(this.#at * 2);
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
