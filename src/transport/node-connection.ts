import type { Socket } from 'node:net';
import { canonicalAddress, unmapped } from '../net/address.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import { Inbox, type Source } from './inbox.ts';
import { reasonOf } from './reasons.ts';
import type { SocketReader } from './socket-reader.ts';
import type {
  Connection,
  ConnectionHandler,
  ConnectionOptions,
  Endpoint,
  RemoteEndpoint,
} from './transport.ts';

/** Octets that may wait in the socket before `write` asks to stop. */
const HIGH_WATER = 64 * 1024;
/** How long `end` waits for the peer to take the last message and close, in milliseconds. */
const LINGER = 1000;

/** What a connection needs from the transport that made it. */
export interface ConnectionHost {
  readonly clock: Clock;
  protect(socket: Socket, options: ConnectionOptions): boolean;
  /** The peer has shown its OPEN. */
  admitted(): void;
  /** The socket is closed. */
  gone(): void;
}

/**
 * A connected `node:net` socket as a connection. The socket must allow half-open connections and
 * read by the reader.
 */
export class NodeConnection implements Connection, Source {
  readonly local: Endpoint;
  readonly remote: RemoteEndpoint;
  readonly #socket: Socket;
  readonly #host: ConnectionHost;
  readonly #inbox: Inbox;
  readonly #written: (error?: Error | null) => void;
  #handler: ConnectionHandler | undefined;
  #full = false;
  #held = true;
  #errno: string | undefined;
  #linger: Timer | undefined;

  constructor(
    socket: Socket,
    reader: SocketReader,
    host: ConnectionHost,
    { local, remote }: Ends = endsOf(socket),
  ) {
    this.#socket = socket;
    this.#host = host;
    this.local = local;
    this.remote = remote;
    this.#inbox = new Inbox(host.clock, this);
    socket.pause();
    reader.take = (buffer, length) => this.#inbox.push(buffer, length);
    // Where a write meets a reset, the NOTIFICATION in front of the reset may still wait to be read.
    this.#written = (error) => {
      if (error) reader.takeRest(socket);
    };
    socket.on('end', () => this.#inbox.finish('closed-by-peer'));
    socket.on('drain', () => this.#drained());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#errno = error.code ?? error.message;
    });
    socket.on('close', () => this.#closed());
  }

  get queued(): number {
    return this.#socket.writableLength;
  }

  get unread(): boolean {
    return this.#inbox.backlog;
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#inbox.start(handler);
  }

  admit(): void {
    this.#host.admitted();
  }

  setMaxMessage(size: number): void {
    this.#inbox.setMaxMessage(size);
  }

  protect(options: ConnectionOptions): boolean {
    return this.#socket.destroyed || this.#host.protect(this.#socket, options);
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) return true;
    // Not less full for a small message: `drained` is still owed to whoever was told to stop.
    if (!this.#socket.write(bytes, this.#written))
      this.#full ||= this.#socket.writableLength > HIGH_WATER;
    return !this.#full;
  }

  pause(): void {
    this.#inbox.pause();
  }

  resume(): void {
    this.#inbox.resume();
  }

  end(last?: Uint8Array): void {
    if (this.#linger !== undefined || this.#socket.destroyed) return;
    this.#linger = this.#host.clock.setTimer('linger', LINGER, () => this.#socket.destroy());
    this.#full = false;
    if (last === undefined) this.#socket.end();
    else this.#socket.end(last);
    this.#inbox.discard();
  }

  destroy(): void {
    this.#inbox.silence();
    this.#socket.destroy();
  }

  hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  flow(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#socket.resume();
  }

  released(): void {
    this.#socket.destroy();
  }

  #drained(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#handler?.drained();
  }

  #closed(): void {
    this.#linger?.cancel();
    this.#host.gone();
    if (this.#errno !== undefined) this.#inbox.finish(reasonOf(this.#errno), this.#errno);
    else this.#inbox.finish(this.#socket.writableFinished ? 'ended' : 'not-drained');
  }
}

/** What the socket tells of itself, where it is one of TCP. */
interface Ends {
  readonly local: Endpoint;
  readonly remote: RemoteEndpoint;
}

const endsOf = (socket: Socket): Ends => ({
  local: endpoint(socket.localAddress, socket.localPort),
  remote: {
    ...endpoint(socket.remoteAddress, socket.remotePort),
    ...zoneOf(socket.remoteAddress),
  },
});

const endpoint = (address = '', port = 0): Endpoint => ({ address: plainAddress(address), port });

function zoneOf(address = ''): Pick<RemoteEndpoint, 'zone'> {
  const [, zone] = address.split('%');
  return zone === undefined ? {} : { zone };
}

/** Canonical text of an address as the socket reports it, without zone or IPv4 mapping. */
export function plainAddress(text: string): string {
  const bare = unmapped(text.replace(/%.*$/, ''));
  return canonicalAddress(bare) ?? bare;
}
