import {
  AF_INET,
  AF_INET6,
  intOption,
  libc,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './libc.ts';
import { socketAddress } from './socket-address.ts';

const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_TOS = 1;
const IP_TTL = 2;
const IPV6_UNICAST_HOPS = 16;
const IP_MINTTL = 21;
const IPV6_MINHOPCOUNT = 73;
const IPV6_V6ONLY = 26;
const IPV6_TCLASS = 67;
const SO_REUSEADDR = 2;
const SO_BINDTODEVICE = 25;

/** IP precedence "internetwork control", which routing protocols use (DSCP CS6). */
export const TRAFFIC_CLASS_CS6 = 0xc0;

/** Options of a TCP socket that Node has no name for; what is left out stays as it is. */
export interface TcpSocketOptions {
  /** TTL or hop limit of outgoing packets, 1 to 255. */
  readonly ttl?: number;
  /** Packets that arrive with a smaller TTL or hop limit are dropped (RFC 5082), 0 to 255. */
  readonly minTtl?: number;
  /** TOS or traffic class octet. */
  readonly trafficClass?: number;
  /** Name of the only interface to use. */
  readonly device?: string;
}

export type IpVersion = 4 | 6;

/**
 * Opens an unconnected TCP socket. `new net.Socket({ fd })`, without `readable` or `writable`, takes
 * it over, and `connect` then uses it.
 */
export function openTcpSocket(version: IpVersion, options: TcpSocketOptions): number {
  const c = libc();
  const domain = version === 4 ? AF_INET : AF_INET6;
  const fd = c.socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  try {
    setSocketOptions(fd, version, options);
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}

export interface ListenSocketOptions extends TcpSocketOptions {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly port: number;
  /** Whether a socket of IPv6 leaves IPv4 alone. */
  readonly ipv6Only: boolean;
}

/**
 * Opens a TCP socket for `server.listen({ fd })`; `prepare` may do to it what must be done before
 * it is bound, so that not even the first SYN finds it without.
 */
export function openListenSocket(
  options: ListenSocketOptions,
  prepare: (fd: number) => void,
): number {
  const { address, port, ipv6Only } = options;
  const version = address.length === 4 ? 4 : 6;
  const c = libc();
  const fd = openTcpSocket(version, options);
  try {
    c.setOption(fd, SOL_SOCKET, SO_REUSEADDR, intOption(1));
    if (version === 6) {
      c.setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, intOption(ipv6Only ? 1 : 0));
      // What it accepts by IPv4 is governed by the options of IPv4.
      if (!ipv6Only) setSocketOptions(fd, 4, options);
    }
    prepare(fd);
    c.bind(fd, socketAddress(address, port));
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}

/** Closes a socket that Node has not taken over. */
export const closeTcpSocket = (fd: number): void => libc().close(fd);

/** Sets options on a socket that is open already; throws a `LinuxError` when one is refused. */
export function setSocketOptions(
  fd: number,
  version: IpVersion,
  { ttl, minTtl, trafficClass, device }: TcpSocketOptions,
): void {
  const set = (level: number, option: number, value: Uint8Array): void =>
    libc().setOption(fd, level, option, value);
  if (ttl !== undefined) {
    if (version === 4) set(IPPROTO_IP, IP_TTL, intOption(ttl));
    else set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, intOption(ttl));
  }
  if (minTtl !== undefined) {
    if (version === 4) set(IPPROTO_IP, IP_MINTTL, intOption(minTtl));
    else set(IPPROTO_IPV6, IPV6_MINHOPCOUNT, intOption(minTtl));
  }
  if (trafficClass !== undefined) {
    if (version === 4) set(IPPROTO_IP, IP_TOS, intOption(trafficClass));
    else set(IPPROTO_IPV6, IPV6_TCLASS, intOption(trafficClass));
  }
  if (device !== undefined) set(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
}
