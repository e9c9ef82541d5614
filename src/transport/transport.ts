/** One end of a TCP connection. `address` carries no zone; IPv4-mapped addresses are unmapped. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface DialOptions {
  readonly remote: Endpoint;
  /** Zone of a link-local peer, and bind-to-device. */
  readonly interface: string | undefined;
  readonly localAddress: string | undefined;
  /** TTL or hop limit of outgoing packets. */
  readonly ttl: number;
}

/** What a connection tells its owner. Calls never nest: each comes from a turn of its own. */
export interface ConnectionHandler {
  /**
   * One whole message, header included: `bytes[start, end)`. The buffer is only lent for the call.
   * Framing errors (RFC 4271 §6.1) come as `malformed`.
   */
  message(bytes: Buffer, start: number, end: number): void;
  /** A bad header: NOTIFICATION code 1 with this subcode and data. Nothing more is read. */
  malformed(subcode: number, data: Uint8Array): void;
  /** All messages of one read were handed over: a good moment to flush. */
  readEnd(): void;
  /** The send buffer has run empty after `write` returned false. */
  drained(): void;
  /** The connection is gone, for the reason given; the last call. */
  closed(reason: string): void;
}

export interface Connection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Starts delivery; called once. */
  start(handler: ConnectionHandler): void;
  /** Largest message accepted from now on: 4096, or 65535 once we sent capability 6 (RFC 8654). */
  setMaxMessage(size: number): void;
  /**
   * Queues bytes that must not change afterwards; false means that more is queued than the socket
   * takes and `drained` will follow.
   */
  write(bytes: Uint8Array): boolean;
  /** Octets queued here and not yet taken by the kernel. */
  readonly queued: number;
  /** Stops and resumes reading; the peer feels it as TCP back-pressure. */
  pause(): void;
  resume(): void;
  /** Sends what is queued and `last`, half-closes, discards input, and closes within a second or so. */
  end(last?: Uint8Array): void;
  /** Closes at once without sending what is queued. */
  destroy(): void;
}

export interface Listener {
  close(): void;
}

export interface ListenHandler {
  listening(local: Endpoint): void;
  /** Called for every connection; the owner must `start`, `end` or `destroy` it. */
  accepted(connection: Connection): void;
  /** The port cannot be had, or was lost; a person reads `error.describe()`. */
  failed(error: import('../runtime/error.ts').BengalError): void;
}

export interface DialHandler {
  connected(connection: Connection): void;
  failed(reason: string): void;
}

/** TCP as the speaker sees it; `node:net` in production, queues in memory in simulations. */
export interface Transport {
  listen(local: Endpoint, handler: ListenHandler): Listener;
  /** The returned function gives up; no call-back follows it. */
  dial(options: DialOptions, handler: DialHandler): () => void;
}
