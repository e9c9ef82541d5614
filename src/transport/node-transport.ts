import { createServer, type Server, type Socket } from 'node:net';
import { isLinkLocal, parseAddress } from '../net/address.ts';
import type { Clock } from '../runtime/clock.ts';
import { AcceptGate } from './accept-gate.ts';
import { linuxSockets } from './linux-sockets.ts';
import { listenError } from './listen-error.ts';
import { NodeConnection, plainAddress } from './node-connection.ts';
import { reasonOf } from './reasons.ts';
import { SocketReader } from './socket-reader.ts';
import type { ListenSocket, SocketTools } from './socket-tools.ts';
import {
  type AcceptLimits,
  DEFAULT_ACCEPT_LIMITS,
  type DialHandler,
  type DialOptions,
  type Endpoint,
  type KeyFault,
  type Listener,
  type ListenHandler,
  type PeerKey,
  type Transport,
  type TransportCounters,
} from './transport.ts';

/** Connections that the kernel may hold ready before we accept them. */
const BACKLOG = 1024;

export interface NodeTransportOptions {
  readonly clock: Clock;
  readonly limits?: AcceptLimits;
  /** What the operating system offers beyond `node:net`; default what Linux does. */
  readonly sockets?: SocketTools;
}

/** TCP of this machine, over `node:net`. */
export class NodeTransport implements Transport {
  readonly #clock: Clock;
  readonly #sockets: SocketTools;
  readonly #gate: AcceptGate;
  readonly #wanted = new Set<Endpoint>();
  readonly #listening = new Map<Server, ListenSocket>();
  #keys: readonly PeerKey[] = [];
  #allTaken = true;
  #dialed = 0;
  #dialsFailed = 0;
  #acceptsFailed = 0;

  constructor(options: NodeTransportOptions) {
    this.#clock = options.clock;
    this.#sockets = options.sockets ?? linuxSockets;
    this.#gate = new AcceptGate(options.limits ?? DEFAULT_ACCEPT_LIMITS);
  }

  get counters(): TransportCounters {
    const { accepted, refusedTotal, refusedPerAddress, beforeOpen } = this.#gate;
    return {
      accepted,
      refusedTotal,
      refusedPerAddress,
      beforeOpen,
      acceptsFailed: this.#acceptsFailed,
      dialed: this.#dialed,
      dialsFailed: this.#dialsFailed,
    };
  }

  /**
   * `::` takes IPv4 connections as well, unless an IPv4 address of the same port is listened on;
   * so binding waits for the end of the turn, when all listeners are known.
   */
  listen(local: Endpoint, handler: ListenHandler): Listener {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    const wanted = { ...local };
    this.#wanted.add(wanted);
    let open = true;
    const close = (): void => {
      open = false;
      this.#wanted.delete(wanted);
      this.#listening.delete(server);
      if (server.listening) server.close();
    };
    server.on('connection', (socket: Socket) => this.#accept(socket, handler));
    server.on('listening', () => {
      if (open) handler.listening(boundTo(server, local));
      else server.close();
    });
    const failed = (error: NodeJS.ErrnoException): void => {
      if (server.listening) this.#acceptsFailed++;
      else if (open) {
        close();
        handler.failed(listenError(local, error, this.#sockets));
      }
    };
    server.on('error', failed);
    this.#clock.soon(() => {
      const code = open ? this.#bind(server, local) : undefined;
      if (code !== undefined) failed(Object.assign(new Error(code), { code }));
    });
    return { close };
  }

  /** Keys that were all taken need no second look; others may find room now. */
  setKeys(keys: readonly PeerKey[]): readonly KeyFault[] {
    if (this.#allTaken && equalKeys(keys, this.#keys)) return [];
    const faults = this.#replaceKeys(keys);
    this.#allTaken = faults.length === 0;
    return faults;
  }

  #replaceKeys(keys: readonly PeerKey[]): readonly KeyFault[] {
    const refused = this.#sockets.refusedKeys(keys);
    const without = new Set(refused.map(({ from }) => from));
    this.#keys = keys.filter(({ from }) => !without.has(from));
    const sockets = [...this.#listening.values()];
    return [...refused, ...sockets.flatMap((socket) => socket.setKeys(this.#keys))];
  }

  dial(options: DialOptions, handler: DialHandler): () => void {
    this.#dialed++;
    let given = false;
    const reader = new SocketReader();
    const opened = this.#open(options, reader);
    const failed = (code: string): void => {
      if (given) return;
      this.#dialsFailed++;
      handler.failed(reasonOf(code), code);
    };
    if (typeof opened === 'string') {
      this.#clock.soon(() => failed(opened));
      return () => {
        given = true;
      };
    }
    const onError = (error: NodeJS.ErrnoException): void => failed(error.code ?? error.message);
    opened.once('error', onError);
    opened.once('connect', () => {
      if (given) return;
      given = true;
      const connection = this.#connection(opened, reader, () => {});
      opened.off('error', onError);
      handler.connected(connection);
    });
    return () => {
      if (!given) opened.destroy();
      given = true;
    };
  }

  /** A socket on its way to the peer, or the system's error code. */
  #open(
    { remote, interface: device, localAddress, ...options }: DialOptions,
    reader: SocketReader,
  ): Socket | string {
    const zone = device !== undefined && inLinkLocal(remote.address) ? `%${device}` : '';
    const fd = this.#sockets.openForDial({
      ...options,
      remote: remote.address,
      device: zone === '' ? device : undefined,
    });
    if (typeof fd === 'string') return fd;
    const socket = reader.socket(fd);
    socket.setNoDelay(true);
    return socket.connect({
      host: remote.address + zone,
      port: remote.port,
      ...(localAddress === undefined ? {} : { localAddress: localAddress + zone }),
    });
  }

  #accept(socket: Socket, handler: ListenHandler): void {
    const { remoteAddress } = socket;
    // Without an address the peer has left already.
    const leave =
      remoteAddress === undefined ? undefined : this.#gate.enter(plainAddress(remoteAddress));
    if (leave === undefined) {
      socket.destroy();
      return;
    }
    const reader = new SocketReader();
    handler.accepted(this.#connection(reader.adopt(socket), reader, leave));
  }

  #connection(socket: Socket, reader: SocketReader, leave: () => void): NodeConnection {
    return new NodeConnection(socket, reader, {
      clock: this.#clock,
      protect: (own, options) => this.#sockets.protect(own, options),
      admitted: leave,
      gone: leave,
    });
  }

  /** Binds and listens; an error code when that fails at once. */
  #bind(server: Server, local: Endpoint): string | undefined {
    const ipv6Only = [...this.#wanted].some(
      ({ address, port }) => port === local.port && !address.includes(':'),
    );
    const socket = this.#sockets.openForListen({ local, ipv6Only, keys: this.#keys });
    if (typeof socket === 'string') return socket;
    if (socket === undefined) {
      server.listen({ host: local.address, port: local.port, ipv6Only, backlog: BACKLOG });
    } else {
      this.#listening.set(server, socket);
      server.listen({ fd: socket.fd }, BACKLOG);
    }
    return undefined;
  }
}

function equalKeys(some: readonly PeerKey[], others: readonly PeerKey[]): boolean {
  if (some.length !== others.length) return false;
  return some.every(({ from, password }, index) => {
    const other = others[index];
    return other?.from === from && other.password === password;
  });
}

function boundTo(server: Server, local: Endpoint): Endpoint {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? local : { ...local, port: bound.port };
}

function inLinkLocal(address: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== undefined && isLinkLocal(bytes);
}
