import { createSocket } from 'node:dgram';
import { AF_INET, AF_INET6, libc, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './libc.ts';
import { withinNamespace } from './namespace.ts';
import { socketAddress } from './socket-address.ts';

/** A bound UDP socket. */
export interface UdpPort {
  /** Sends one datagram; what cannot be sent is lost, as on the way. */
  send(bytes: Uint8Array, address: string, port: number): void;
  close(): void;
}

export interface UdpPortOptions {
  /** File of the network namespace that the port belongs to, as /run/netns/NAME. */
  readonly namespace: string;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
  readonly received: (bytes: Buffer, address: string, port: number) => void;
}

/** Opens a UDP port in another network namespace. Throws a `LinuxError` when it cannot be had. */
export function openUdpPort({ namespace, address, port, received }: UdpPortOptions): UdpPort {
  const fd = withinNamespace(namespace, () => boundSocket(address, port));
  const socket = createSocket(address.length === 4 ? 'udp4' : 'udp6', (bytes, from) =>
    received(bytes, from.address, from.port),
  );
  // An ICMP error for an earlier datagram: that one is lost.
  socket.on('error', () => {});
  socket.bind({ fd });
  return {
    send: (bytes, to, toPort) => socket.send(bytes, toPort, to, () => {}),
    close: () => socket.close(),
  };
}

function boundSocket(address: Uint8Array, port: number): number {
  const c = libc();
  const domain = address.length === 4 ? AF_INET : AF_INET6;
  const fd = c.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    c.bind(fd, socketAddress(address, port));
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}
