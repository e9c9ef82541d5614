import { createSocket } from 'node:dgram';
import { AF_INET, AF_INET6, libc, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './libc.ts';
import { withinNamespace } from './namespace.ts';

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
    c.bind(fd, socketAddress(domain, address, port));
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}

/**
 * sockaddr_in and sockaddr_in6; family in the machine's byte order (little-endian), port in the
 * network's.
 *
 *   family 2 | port 2 |              address 4  | zero 8
 *   family 2 | port 2 | flow label 4 | address 16 | scope 4
 */
function socketAddress(domain: number, address: Uint8Array, port: number): Uint8Array {
  const bytes = Buffer.alloc(address.length === 4 ? 16 : 28);
  bytes.writeUInt16LE(domain, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address, address.length === 4 ? 4 : 8);
  return bytes;
}
