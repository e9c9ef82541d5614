import type { Socket } from 'node:net';
import type { ConnectionOptions, Endpoint, KeyFault, PeerKey } from './transport.ts';

export interface DialSocketRequest extends ConnectionOptions {
  /** Address of the peer, without a zone. */
  readonly remote: string;
  /** Packets must use this interface. */
  readonly device: string | undefined;
}

export interface ListenSocketRequest {
  readonly local: Endpoint;
  /** Whether `::` leaves IPv4 to another socket. */
  readonly ipv6Only: boolean;
  readonly keys: readonly PeerKey[];
}

/** A bound socket that `node:net` shall listen on, and closes. */
export interface ListenSocket {
  readonly fd: number;
  /** Puts exactly these keys in force, in place of those before. */
  setKeys(keys: readonly PeerKey[]): readonly KeyFault[];
}

/** What `node:net` cannot do with a socket and the operating system can. */
export interface SocketTools {
  /** A descriptor to connect with, undefined where a plain socket does, or an error code. */
  openForDial(request: DialSocketRequest): number | string | undefined;
  /** A socket to listen on, undefined where only `node:net` can open one, or an error code. */
  openForListen(request: ListenSocketRequest): ListenSocket | string | undefined;
  /** The keys that no listening socket could take, tried out together. */
  refusedKeys(keys: readonly PeerKey[]): readonly KeyFault[];
  /** See `Connection.protect`. */
  protect(socket: Socket, options: ConnectionOptions): boolean;
  /** Who holds a port, in words. */
  holderOf(local: Endpoint): string | undefined;
}

const mustProtect = ({ ttlSecurity, password }: ConnectionOptions): boolean =>
  ttlSecurity !== undefined || password !== undefined;

/**
 * `node:net` alone: the TTL stays at the kernel's default, and there is neither a device to bind
 * to, nor a password, nor TTL security.
 */
export const plainSockets: SocketTools = {
  openForDial: (request) => {
    if (request.device !== undefined) return 'ENODEV';
    return mustProtect(request) ? 'ENOTSUP' : undefined;
  },
  openForListen: () => undefined,
  refusedKeys: (keys) => keys.map(({ from }) => ({ from, reason: 'no-native-calls' })),
  protect: (_socket, options) => !mustProtect(options),
  holderOf: () => undefined,
};
