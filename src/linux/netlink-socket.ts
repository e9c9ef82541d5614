import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import {
  AF_INET,
  AF_NETLINK,
  intOption,
  type Libc,
  libc,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
} from './libc.ts';
import { LinuxError } from './linux-error.ts';

const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

/** What a netlink socket tells its user. */
export interface NetlinkHandler {
  /** One whole datagram, borrowed for the time of the call. */
  datagram(bytes: Buffer): void;
  /** The kernel dropped datagrams because the receive buffer was full (ENOBUFS). */
  overrun(): void;
  /** The socket is of no use any more. */
  failed(error: LinuxError): void;
}

/** An open NETLINK_ROUTE socket in the event loop of this thread. */
export interface NetlinkSocket {
  /** Throws a `LinuxError` when the kernel does not take it. */
  send(bytes: Uint8Array): void;
  close(): void;
}

/**
 * A socket for dumps, without multicast groups. libuv carries a netlink descriptor only in disguise:
 * a socket pair is given to `net.Socket`, then the netlink socket is put under its descriptor in
 * the same turn, before libuv has told epoll of it. Reads are plain read(2) of up to 64 KiB, and no
 * dump datagram is larger than 32 KiB, so each `data` is one whole datagram.
 */
export function openNetlinkRequester(handler: NetlinkHandler): NetlinkSocket {
  const c = libc();
  const [carrier, other] = c.socketPair(SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
  const socket = new Socket({ fd: carrier, readable: true, writable: true, allowHalfOpen: true });
  try {
    substitute(c, openNetlink(c), carrier);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    c.close(other);
  }
  socket.on('data', (bytes) => handler.datagram(bytes));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOBUFS') handler.overrun();
    else handler.failed(new LinuxError('the netlink socket failed', { cause: error }));
  });
  return {
    send: (bytes) => void socket.write(bytes),
    close: () => void socket.destroy(),
  };
}

export interface NetlinkListenerOptions {
  /** Multicast groups (RTNLGRP_*). */
  readonly groups: readonly number[];
  /** Bytes of receive buffer; beyond net.core.rmem_max only with CAP_NET_ADMIN. */
  readonly receiveBuffer: number;
}

/**
 * A socket for events and for requests whose answers shall keep their place among the events. It
 * travels as a UDP socket, which, unlike a stream, stays open after ENOBUFS.
 */
export function openNetlinkListener(
  { groups, receiveBuffer }: NetlinkListenerOptions,
  handler: NetlinkHandler,
): NetlinkSocket {
  const c = libc();
  const carrier = c.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const socket = createSocket('udp4');
  listen(socket, handler);
  socket.bind({ fd: carrier });
  try {
    const netlink = openNetlink(c);
    setReceiveBuffer(c, netlink, receiveBuffer);
    for (const group of groups) {
      c.setOption(netlink, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, intOption(group));
    }
    substitute(c, netlink, carrier);
  } catch (error) {
    socket.close();
    throw error;
  }
  return { send: (bytes) => c.send(carrier, bytes), close: () => void socket.close() };
}

function listen(socket: DatagramSocket, handler: NetlinkHandler): void {
  socket.on('message', (bytes) => handler.datagram(bytes));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOBUFS') handler.overrun();
    else handler.failed(new LinuxError('the netlink socket failed', { cause: error }));
  });
}

function openNetlink(c: Libc): number {
  const fd = c.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
    c.setOption(fd, SOL_NETLINK, option, intOption(1));
  }
  const address = new Uint8Array(12);
  address[0] = AF_NETLINK;
  c.bind(fd, address);
  return fd;
}

function setReceiveBuffer(c: Libc, fd: number, size: number): void {
  try {
    c.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, intOption(size));
  } catch {
    c.setOption(fd, SOL_SOCKET, SO_RCVBUF, intOption(size));
  }
}

function substitute(c: Libc, fd: number, carrier: number): void {
  try {
    c.duplicate(fd, carrier);
  } finally {
    c.close(fd);
  }
}
