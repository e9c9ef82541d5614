import type { Clock, Timer } from '../runtime/clock.ts';
import { Inbox, type Source } from './inbox.ts';
import { hopLimits } from './peer-key.ts';
import type { TransportReason } from './reasons.ts';
import type { Connection, ConnectionHandler, ConnectionOptions, Endpoint } from './transport.ts';

/** Octets in flight or unread at the receiver, as a TCP window. */
const WINDOW = 64 * 1024;
/** Room in a window that was full before anything is sent again (RFC 9293 §3.8.6.2.1). */
const ROOM = WINDOW / 4;
/** Octets that may wait at the sender before `write` asks to stop. */
const HIGH_WATER = 64 * 1024;
/** As in the `node:net` transport, in milliseconds. */
const LINGER = 1000;

/** TTL of packets for which nobody chose one; no router lowers it, as on one link. */
const DEFAULT_TTL = 64;

interface Protection {
  readonly ttl: number;
  readonly minTtl: number;
  readonly password: string | undefined;
}

/** What lies between the two ends of a connection in memory. */
export interface MemoryWire {
  readonly clock: Clock;
  /** Calls `arrive` at the other end after the latency, in the order of the calls of one sender. */
  carry(from: MemoryConnection, arrive: () => void): void;
  /** How many of `left` octets the next segment holds, at least 1. */
  segment(left: number): number;
  admitted(end: MemoryConnection): void;
  gone(end: MemoryConnection): void;
}

/** One end of a connection in memory; `peer` is set by the network once both ends exist. */
export class MemoryConnection implements Connection, Source {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  peer: MemoryConnection | undefined;
  readonly #wire: MemoryWire;
  readonly #inbox: Inbox;
  readonly #outgoing: Uint8Array[] = [];
  /** Segments that arrived while reading was held. */
  readonly #unread: Uint8Array[] = [];
  #protection: Protection = { ttl: DEFAULT_TTL, minTtl: 0, password: undefined };
  #handler: ConnectionHandler | undefined;
  #queued = 0;
  #inFlight = 0;
  #full = false;
  #held = true;
  #ending = false;
  #finSent = false;
  #finReceived = false;
  #closed = false;
  #linger: Timer | undefined;

  constructor(wire: MemoryWire, local: Endpoint, remote: Endpoint) {
    this.#wire = wire;
    this.local = local;
    this.remote = remote;
    this.#inbox = new Inbox(wire.clock, this);
  }

  get queued(): number {
    return this.#queued;
  }

  get unread(): boolean {
    return this.#inbox.backlog || this.#unread.length > 0;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#inbox.start(handler);
  }

  admit(): void {
    this.#wire.admitted(this);
  }

  setMaxMessage(size: number): void {
    this.#inbox.setMaxMessage(size);
  }

  protect(options: ConnectionOptions): boolean {
    const { ttl = DEFAULT_TTL, minTtl = 0 } = hopLimits(options);
    this.#protection = { ttl, minTtl, password: options.password };
    return true;
  }

  /** The peer does not drop what this end sends: they have one password, and the TTL suffices. */
  get heard(): boolean {
    const { peer } = this;
    if (peer === undefined) return false;
    const { minTtl, password } = peer.#protection;
    return this.#protection.password === password && this.#protection.ttl >= minTtl;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#ending) return true;
    this.#enqueue(bytes);
    // Not less full for a small message: `drained` is still owed to whoever was told to stop.
    this.#full ||= this.#queued > HIGH_WATER;
    return !this.#full;
  }

  pause(): void {
    this.#inbox.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  end(last?: Uint8Array): void {
    if (this.#closed || this.#ending) return;
    if (last !== undefined) this.#enqueue(last);
    this.#ending = true;
    this.#full = false;
    this.#linger = this.#wire.clock.setTimer('linger', LINGER, () => this.#abandon());
    this.#inbox.discard();
    this.#pump();
  }

  destroy(): void {
    this.#inbox.silence();
    this.#abandon();
  }

  hold(): void {
    this.#held = true;
  }

  flow(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#wire.clock.soon(() => this.#read());
  }

  released(): void {
    this.#abandon();
  }

  /** The connection breaks at this end; nothing is sent. */
  fail(reason: TransportReason): void {
    if (this.#close()) this.#inbox.finish(reason);
  }

  #enqueue(bytes: Uint8Array): void {
    this.#outgoing.push(bytes);
    this.#queued += bytes.length;
    this.#pump();
  }

  /** Sends as much as the window takes, and the FIN behind the last octet. */
  #pump(): void {
    for (let next = this.#outgoing[0]; next !== undefined; next = this.#outgoing[0]) {
      const room = Math.min(WINDOW - this.#inFlight, next.length);
      if (room <= 0 && next.length > 0) return;
      const size = room === 0 ? 0 : this.#wire.segment(room);
      if (size === next.length) this.#outgoing.shift();
      else this.#outgoing[0] = next.subarray(size);
      this.#send(next.subarray(0, size));
    }
    if (this.#full) this.#wire.clock.soon(() => this.#drained());
    if (this.#ending && !this.#finSent) this.#sendFin();
  }

  #send(segment: Uint8Array): void {
    this.#queued -= segment.length;
    this.#inFlight += segment.length;
    this.#tell((peer) => peer.#arrive(segment));
  }

  #sendFin(): void {
    this.#finSent = true;
    this.#tell((peer) => peer.#fin());
    if (this.#finReceived) this.#wire.clock.soon(() => this.#abandon());
  }

  #tell(event: (peer: MemoryConnection) => void): void {
    const { peer } = this;
    if (peer !== undefined) this.#wire.carry(this, () => event(peer));
  }

  #drained(): void {
    if (!this.#full || this.#closed || this.#queued > 0) return;
    this.#full = false;
    this.#handler?.drained();
  }

  /** A segment from the peer; a closed end answers with RST. */
  #arrive(segment: Uint8Array): void {
    if (this.#closed) {
      this.#tell((peer) => peer.fail('reset'));
      return;
    }
    this.#unread.push(segment);
    this.#read();
  }

  #fin(): void {
    this.#finReceived = true;
    this.#read();
  }

  /** The peer has read so much, which opens the window again. */
  #taken(size: number): void {
    this.#inFlight -= size;
    if (!this.#closed && (this.#inFlight === 0 || WINDOW - this.#inFlight >= ROOM)) this.#pump();
  }

  #read(): void {
    while (!this.#held && !this.#closed) {
      const segment = this.#unread.shift();
      if (segment === undefined) break;
      const bytes = Buffer.from(segment.buffer, segment.byteOffset, segment.byteLength);
      this.#inbox.push(bytes, bytes.length);
      if (this.peer !== undefined) this.peer.#taken(segment.length);
    }
    if (this.#held || this.#closed || !this.#finReceived) return;
    if (!this.#ending) this.#inbox.finish('closed-by-peer');
    else if (this.#finSent) this.#abandon();
  }

  /** Closes this end as close(2) does: RST when input was left unread, else FIN. */
  #abandon(): void {
    const unread = this.#unread.length > 0;
    const lost = this.#queued > 0;
    if (!this.#close()) return;
    if (unread) this.#tell((peer) => peer.fail('reset'));
    else if (!this.#finSent) this.#sendFin();
    this.#inbox.finish(lost ? 'not-drained' : 'ended');
  }

  #close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.#linger?.cancel();
    this.#outgoing.length = 0;
    this.#unread.length = 0;
    this.#queued = 0;
    this.#wire.gone(this);
    return true;
  }
}
