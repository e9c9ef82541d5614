import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { DatagramBatch } from './datagram-batch.ts';
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
  SOL_SOCKET,
} from './libc.ts';
import { LinuxError } from './linux-error.ts';
import { openSocketPair } from './socket-pair.ts';

const NETLINK_ROUTE = 0;
const SOL_NETLINK = 270;
const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;

/** Longest datagram of the kernel, with room to spare. */
const DATAGRAM_MAX = 65_536;

/** Datagrams of one system call, and such calls in one go before other work has its turn. */
const BATCH = 32;
const DRAIN_MAX = 16;

/** What a netlink socket tells its user. */
export interface NetlinkHandler {
  /** One whole datagram, `bytes` from `start` to `end`, borrowed for the time of the call. */
  datagram(bytes: Buffer, start: number, end: number): void;
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

export interface NetlinkListener extends NetlinkSocket {
  /** Its address (nl_pid): events of this socket's own requests bear it. */
  readonly port: number;
}

/**
 * A socket for dumps, without multicast groups. libuv carries a netlink descriptor only in disguise:
 * a socket pair is given to `net.Socket`, then the netlink socket is put under its descriptor in
 * the same turn, before libuv has told epoll of it. Reads are plain read(2) of up to 64 KiB, and no
 * dump datagram is larger than 32 KiB, so each `data` is one whole datagram.
 */
export function openNetlinkRequester(handler: NetlinkHandler): NetlinkSocket {
  const c = libc();
  const [carrier, other] = openSocketPair();
  const socket = new Socket({ fd: carrier, readable: true, writable: true, allowHalfOpen: true });
  try {
    substitute(c, openNetlink(c), carrier);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    c.close(other);
  }
  socket.on('data', (bytes) => handler.datagram(bytes, 0, bytes.length));
  socket.on('error', (error: NodeJS.ErrnoException) => tellError(error, handler));
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
 * travels as a UDP socket, which, unlike a stream, stays open after ENOBUFS. libuv only says when
 * something has come, the rest is read at once: and since the kernel does its work inside `send`,
 * the answers are read right after it, without a turn of the event loop for each.
 */
export function openNetlinkListener(
  { groups, receiveBuffer }: NetlinkListenerOptions,
  handler: NetlinkHandler,
): NetlinkListener {
  const c = libc();
  const carrier = c.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const socket = createSocket('udp4');
  const listener = new Listener(c, carrier, socket, handler);
  socket.bind({ fd: carrier });
  try {
    const netlink = openNetlink(c);
    setReceiveBuffer(c, netlink, receiveBuffer);
    for (const group of groups) {
      c.setOption(netlink, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, intOption(group));
    }
    substitute(c, netlink, carrier);
    listener.port = portOf(c, carrier);
  } catch (error) {
    listener.close();
    throw error;
  }
  return listener;
}

class Listener implements NetlinkListener {
  port = 0;
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #socket: DatagramSocket;
  readonly #handler: NetlinkHandler;
  readonly #batch: DatagramBatch;
  #draining = false;
  #open = true;

  constructor(c: Libc, fd: number, socket: DatagramSocket, handler: NetlinkHandler) {
    this.#libc = c;
    this.#fd = fd;
    this.#socket = socket;
    this.#handler = handler;
    this.#batch = new DatagramBatch(c, BATCH, DATAGRAM_MAX);
    socket.on('message', (bytes) => {
      handler.datagram(bytes, 0, bytes.length);
      this.#drain();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => tellError(error, handler));
  }

  send(bytes: Uint8Array): void {
    this.#libc.send(this.#fd, bytes);
    this.#drain();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }

  /** Reads what has come; what is left over wakes the event loop again. */
  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    for (let count = 0; this.#open && count < DRAIN_MAX; count++) {
      if (!this.#receive()) break;
    }
    this.#draining = false;
  }

  /** False when nothing is left. */
  #receive(): boolean {
    const batch = this.#batch;
    let count = 0;
    try {
      count = batch.receive(this.#fd);
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      if (error.errno === 'ENOBUFS') this.#handler.overrun();
      else this.#handler.failed(error);
      return error.errno === 'ENOBUFS';
    }
    for (let index = 0; this.#open && index < count; index++) {
      if (batch.isCut(index)) this.#handler.overrun();
      else this.#handler.datagram(batch.bytes, batch.start(index), batch.end(index));
    }
    return count === BATCH;
  }
}

function tellError(error: NodeJS.ErrnoException, handler: NetlinkHandler): void {
  if (error.code === 'ENOBUFS') handler.overrun();
  else handler.failed(new LinuxError('the netlink socket failed', { cause: error }));
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

/** struct sockaddr_nl: family 2, padding 2, port 4, groups 4. */
function portOf(c: Libc, fd: number): number {
  const address = Buffer.alloc(12);
  c.socketName(fd, address);
  return address.readUInt32LE(4);
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
