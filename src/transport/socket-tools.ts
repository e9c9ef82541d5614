import type { Socket } from 'node:net';
import type { Endpoint } from './transport.ts';

export interface DialSocketRequest {
  readonly family: 4 | 6;
  /** TTL or hop limit; undefined leaves the kernel's default. */
  readonly ttl: number | undefined;
  /** Packets must use this interface. */
  readonly device: string | undefined;
}

/** What `node:net` cannot do with a socket and the operating system can. */
export interface SocketTools {
  /** A descriptor to connect with, undefined where a plain socket does, or an error code. */
  openForDial(request: DialSocketRequest): number | string | undefined;
  setTtl(socket: Socket, ttl: number): void;
  /** Who holds a port, in words. */
  holderOf(local: Endpoint): string | undefined;
}

/** `node:net` alone: the TTL stays at the kernel's default, a device cannot be bound to. */
export const plainSockets: SocketTools = {
  openForDial: ({ device }) => (device === undefined ? undefined : 'ENODEV'),
  setTtl: () => {},
  holderOf: () => undefined,
};
