import type { BengalError } from '../runtime/error.ts';
import type { KeyReason, TransportReason } from './reasons.ts';

/** One end of a TCP connection. `address` carries no zone; IPv4-mapped addresses are unmapped. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** The other end of a connection. */
export interface RemoteEndpoint extends Endpoint {
  /** Interface of a link-local address, where the system tells it. */
  readonly zone?: string;
}

/** What a session asks of its connection. */
export interface ConnectionOptions {
  /** TTL or hop limit of outgoing packets; undefined leaves the kernel's default. */
  readonly ttl: number | undefined;
  /** RFC 5082: packets from more hops away are dropped, and ours leave with 255 in place of `ttl`. */
  readonly ttlSecurity?: number | undefined;
  /** TCP-MD5 key (RFC 2385). A peer without it hears nothing of us, and we nothing of it. */
  readonly password?: string | undefined;
}

export interface DialOptions extends ConnectionOptions {
  readonly remote: Endpoint;
  /** Zone of a link-local peer; for any other peer the device that packets must use. */
  readonly interface: string | undefined;
  readonly localAddress: string | undefined;
}

/** A TCP-MD5 key that connections from an address, or from a whole prefix, must have. */
export interface PeerKey {
  /** Address or prefix, each named once; the longest prefix decides. */
  readonly from: string;
  readonly password: string;
}

/** A key that is not in force. */
export interface KeyFault {
  readonly from: string;
  readonly reason: KeyReason;
  /** The system's error code, if there is one. */
  readonly detail?: string;
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
  /** All messages of one read, or of one slice of it, were handed over: a good moment to flush. */
  readEnd(): void;
  /** The send buffer has run empty after `write` returned false. */
  drained(): void;
  /** The connection is gone; the last call. `detail` is the system's error code, if there is one. */
  closed(reason: TransportReason, detail?: string): void;
}

export interface Connection {
  readonly local: Endpoint;
  readonly remote: RemoteEndpoint;
  /** Starts delivery; called once. What arrived or happened before is delivered then. */
  start(handler: ConnectionHandler): void;
  /** The peer has shown who it is (OPEN): it counts no longer against the caps before OPEN. */
  admit(): void;
  /** Largest message accepted from now on: 4096, or 65535 once we sent capability 6 (RFC 8654). */
  setMaxMessage(size: number): void;
  /**
   * Asks of an accepted connection what a dialled one has from the start. False where the system
   * cannot give the password or TTL security: the connection must not be used. A mere TTL is
   * ignored where there is no way to set it.
   */
  protect(options: ConnectionOptions): boolean;
  /**
   * Queues bytes that must not change afterwards; false means that more is queued than the socket
   * takes and `drained` will follow.
   */
  write(bytes: Uint8Array): boolean;
  /** Octets queued here and not yet taken by the kernel. */
  readonly queued: number;
  /** Input has arrived here that was not handed over yet. */
  readonly unread: boolean;
  /**
   * Stops and resumes reading; the peer feels it as TCP back-pressure. No `message` comes after
   * `pause`, not even one that was read already; `closed` by FIN waits for `resume`.
   */
  pause(): void;
  resume(): void;
  /**
   * Sends what is queued and `last`, half-closes, discards input, and closes within a second or so.
   * Only `closed` follows.
   */
  end(last?: Uint8Array): void;
  /** Closes at once without sending what is queued; no call-back follows. */
  destroy(): void;
}

export interface Listener {
  /** Stops accepting; connections accepted before are not touched. No call-back follows. */
  close(): void;
}

export interface ListenHandler {
  listening(local: Endpoint): void;
  /** Called for every connection; the owner must `start`, `end` or `destroy` it. */
  accepted(connection: Connection): void;
  /** The port cannot be had, or was lost; a person reads `error.describe()`. */
  failed(error: BengalError): void;
}

export interface DialHandler {
  connected(connection: Connection): void;
  /** `detail` is the system's error code, if there is one. */
  failed(reason: TransportReason, detail?: string): void;
}

/** Caps on accepted connections that were not yet admitted; more are closed at once. */
export interface AcceptLimits {
  readonly total: number;
  readonly perAddress: number;
}

export const DEFAULT_ACCEPT_LIMITS: AcceptLimits = { total: 1024, perAddress: 8 };

/** For metrics; all but `beforeOpen` only grow. */
export interface TransportCounters {
  readonly accepted: number;
  /** Closed at once because a cap of `AcceptLimits` was met. */
  readonly refusedTotal: number;
  readonly refusedPerAddress: number;
  readonly dialed: number;
  readonly dialsFailed: number;
  /** Accepted connections not yet admitted nor closed. */
  readonly beforeOpen: number;
  /** Connections that the system could not hand over, as for want of descriptors. */
  readonly acceptsFailed: number;
}

/** TCP as the speaker sees it; `node:net` in production, queues in memory in simulations. */
export interface Transport {
  listen(local: Endpoint, handler: ListenHandler): Listener;
  /**
   * Puts exactly these keys in force on everything that listens, now and later; connections that
   * exist keep their own. Returns the keys that the system does not take.
   */
  setKeys(keys: readonly PeerKey[]): readonly KeyFault[];
  /** The returned function gives up; no call-back follows it. */
  dial(options: DialOptions, handler: DialHandler): () => void;
  readonly counters: TransportCounters;
}
