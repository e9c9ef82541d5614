import { createSocket, type RemoteInfo } from 'node:dgram';

/** A bound UDP socket, whose `received` gives each datagram with the address it came from. */
export interface UdpPort {
  /** Sends one datagram; what cannot be sent is lost, as on the way. */
  send(bytes: Uint8Array, address: string, port: number): void;
  close(): void;
}

export interface UdpPortOptions {
  readonly address: string;
  readonly port: number;
  readonly received: (bytes: Buffer, from: RemoteInfo) => void;
  /** The address and port cannot be had. */
  readonly failed: (error: Error) => void;
}

/** Opens a UDP port; what is sent before it is bound waits for that. */
export function openUdpPort({ address, port, received, failed }: UdpPortOptions): UdpPort {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4', received);
  socket.on('error', failed);
  socket.bind({ address, port });
  return {
    send: (bytes, to, toPort) => socket.send(bytes, toPort, to, () => {}),
    close: () => socket.close(),
  };
}
