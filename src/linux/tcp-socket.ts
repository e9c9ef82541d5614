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

const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_TOS = 1;
const IP_TTL = 2;
const IPV6_UNICAST_HOPS = 16;
const IPV6_TCLASS = 67;
const SO_BINDTODEVICE = 25;

/** IP precedence "internetwork control", which routing protocols use (DSCP CS6). */
export const TRAFFIC_CLASS_CS6 = 0xc0;

/** Options of a TCP socket that Node has no name for; what is left out stays as it is. */
export interface TcpSocketOptions {
  /** TTL or hop limit of outgoing packets, 1 to 255. */
  readonly ttl?: number;
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
    setTcpSocketOptions(fd, version, options);
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}

/** Sets options on a socket that is open already; throws a `LinuxError` when one is refused. */
export function setTcpSocketOptions(
  fd: number,
  version: IpVersion,
  { ttl, trafficClass, device }: TcpSocketOptions,
): void {
  const set = (level: number, option: number, value: Uint8Array): void =>
    libc().setOption(fd, level, option, value);
  if (ttl !== undefined) {
    if (version === 4) set(IPPROTO_IP, IP_TTL, intOption(ttl));
    else set(IPPROTO_IPV6, IPV6_UNICAST_HOPS, intOption(ttl));
  }
  if (trafficClass !== undefined) {
    if (version === 4) set(IPPROTO_IP, IP_TOS, intOption(trafficClass));
    else set(IPPROTO_IPV6, IPV6_TCLASS, intOption(trafficClass));
  }
  if (device !== undefined) set(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${device}\0`));
}
