import { createServer, Socket } from 'node:net';
import { withinNamespace } from './namespace.ts';
import { openListenSocket, openTcpSocket } from './tcp-socket.ts';

const LOOPBACK = '127.0.0.1';

/** A TCP port on the loopback address of a network namespace. */
export interface LoopbackPort {
  /** File of the namespace, as /run/netns/NAME; undefined for the namespace of this process. */
  readonly namespace: string | undefined;
  readonly port: number;
}

export interface TcpRelay {
  /** Where it listens: the port asked for, or the one found for 0. */
  readonly port: number;
  close(): void;
}

/** Leads connections to a port of one namespace into another. Throws a `LinuxError` when it cannot. */
export async function openTcpRelay(from: LoopbackPort, to: LoopbackPort): Promise<TcpRelay> {
  const connections = new Set<Socket>();
  const join = (one: Socket, other: Socket): void => {
    connections.add(one);
    one.pipe(other);
    one.on('error', () => one.destroy());
    one.on('close', () => {
      connections.delete(one);
      other.destroy();
    });
  };
  const server = createServer((near) => {
    const far = new Socket({ fd: within(to, () => openTcpSocket(4, {})) });
    join(near, far);
    join(far, near);
    far.connect(to.port, LOOPBACK);
  });
  const address = Uint8Array.of(127, 0, 0, 1);
  const options = { address, port: from.port, ipv6Only: true };
  const fd = within(from, () => openListenSocket(options, () => {}));
  await new Promise<void>((listening) => server.listen({ fd }, listening));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : from.port,
    close: () => {
      server.close();
      for (const connection of connections) connection.destroy();
    },
  };
}

const within = <T>({ namespace }: LoopbackPort, action: () => T): T =>
  namespace === undefined ? action() : withinNamespace(namespace, action);
