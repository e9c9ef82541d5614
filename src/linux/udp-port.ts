import { createSocket } from 'node:dgram';
import {
  AF_INET,
  AF_INET6,
  intOption,
  libc,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
} from './libc.ts';
import { withinNamespace } from './namespace.ts';
import { socketAddress } from './socket-address.ts';
import { setSocketOptions } from './tcp-socket.ts';
import { requireTtl } from './ttl-filter.ts';

const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** A bound UDP socket. */
export interface UdpPort {
  /** Sends one datagram at once; what cannot be sent is lost, as on the way. */
  send(bytes: Uint8Array, address: string, port: number): void;
  close(): void;
}

export interface UdpPortOptions {
  /** File of the network namespace that the port belongs to, as /run/netns/NAME; absent: our own. */
  readonly namespace?: string;
  /** 4 or 16 octets; a port of IPv6 leaves IPv4 alone. */
  readonly address: Uint8Array;
  readonly port: number;
  /** TTL or hop limit of outgoing packets. */
  readonly ttl?: number;
  /** TOS or traffic class octet. */
  readonly trafficClass?: number;
  /** Only datagrams with this TTL or hop limit are received. */
  readonly requiredTtl?: number;
  /** Name of the only interface to use. */
  readonly device?: string;
  /** An address of link-local scope has its interface, as fe80::1%eth0. */
  readonly received: (bytes: Buffer, address: string, port: number) => void;
}

/** Opens a UDP port. Throws a `LinuxError` when it cannot be had. */
export function openUdpPort(options: UdpPortOptions): UdpPort {
  const { namespace, address, received } = options;
  const open = (): number => boundSocket(options);
  const fd = namespace === undefined ? open() : withinNamespace(namespace, open);
  const family = address.length === 4 ? 4 : 6;
  const type = `udp${family}` as const;
  // Addresses are never names: nothing is looked up, and a datagram leaves before `send` returns.
  const socket = createSocket({ type, lookup: (text, _, done) => done(null, text, family) });
  socket.on('message', (bytes, from) => received(bytes, from.address, from.port));
  // An ICMP error for an earlier datagram: that one is lost.
  socket.on('error', () => {});
  socket.bind({ fd });
  return {
    send: (bytes, to, toPort) => socket.send(bytes, toPort, to, () => {}),
    close: () => socket.close(),
  };
}

function boundSocket({ address, port, requiredTtl, ...options }: UdpPortOptions): number {
  const c = libc();
  const version = address.length === 4 ? 4 : 6;
  const domain = version === 4 ? AF_INET : AF_INET6;
  const fd = c.socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    if (version === 6) c.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, intOption(1));
    setSocketOptions(fd, version, options);
    if (requiredTtl !== undefined) requireTtl(fd, version, requiredTtl);
    c.bind(fd, socketAddress(address, port));
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}
