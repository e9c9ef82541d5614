import type { Socket } from 'node:net';
import { LinuxError } from '../linux/linux-error.ts';
import { portHolder } from '../linux/socket-holder.ts';
import { setMd5Key } from '../linux/tcp-md5.ts';
import {
  closeTcpSocket,
  type IpVersion,
  openListenSocket,
  openTcpSocket,
  setSocketOptions,
  TRAFFIC_CLASS_CS6,
} from '../linux/tcp-socket.ts';
import { parseAddress, unmapped } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import { descriptorOf } from './descriptor.ts';
import { KeyedSocket, keyFault } from './keyed-socket.ts';
import { hopLimits } from './peer-key.ts';
import {
  type DialSocketRequest,
  type ListenSocket,
  type ListenSocketRequest,
  plainSockets,
  type SocketTools,
} from './socket-tools.ts';
import type { ConnectionOptions, Endpoint, KeyFault, PeerKey } from './transport.ts';

/** Linux's socket options; without the C library what `node:net` alone can do. */
export const linuxSockets: SocketTools = {
  openForDial,
  openForListen,
  refusedKeys,
  protect,
  holderOf,
};

/** SYN-ACKs leave with the TTL that a peer with TTL security asks for, before we know the peer. */
const LISTEN_OPTIONS = { ttl: 255, trafficClass: TRAFFIC_CLASS_CS6 };

const versionOf = (address: string): IpVersion => (address.includes(':') ? 6 : 4);

function openForDial(request: DialSocketRequest): number | string | undefined {
  const { remote, ttl, ttlSecurity, password, device } = request;
  if ([ttl, ttlSecurity, password, device].every((option) => option === undefined))
    return undefined;
  const version = versionOf(remote);
  let fd: number | undefined;
  try {
    fd = openTcpSocket(version, {
      trafficClass: TRAFFIC_CLASS_CS6,
      ...hopLimits(request),
      ...(device === undefined ? {} : { device }),
    });
    if (password !== undefined) setPeerKey(fd, version, remote, password);
    return fd;
  } catch (error) {
    if (fd !== undefined) closeTcpSocket(fd);
    if (!(error instanceof LinuxError)) throw error;
    return error.errno ?? plainSockets.openForDial(request);
  }
}

function openForListen(request: ListenSocketRequest): ListenSocket | string | undefined {
  const { local, ipv6Only, keys } = request;
  const address = parseAddress(local.address);
  if (address === undefined) return 'EINVAL';
  const version = versionOf(local.address);
  const ipv4 = version === 4 || !ipv6Only;
  let socket: KeyedSocket | undefined;
  try {
    openListenSocket({ ...LISTEN_OPTIONS, address, port: local.port, ipv6Only }, (fd) => {
      socket = new KeyedSocket(fd, version, ipv4);
      const [fault] = socket.setKeys(keys);
      if (fault !== undefined) throw new LinuxError(fault.reason, { errno: fault.detail ?? 'EIO' });
    });
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return error.errno;
  }
  return socket;
}

/** Tried on one socket of both families: any listening socket has room for what this one takes. */
function refusedKeys(keys: readonly PeerKey[]): readonly KeyFault[] {
  if (keys.length === 0) return [];
  try {
    const { fd, version } = openEither();
    try {
      return new KeyedSocket(fd, version, true).setKeys(keys);
    } finally {
      closeTcpSocket(fd);
    }
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return keys.map(({ from }) => keyFault(from, error));
  }
}

/** A socket of IPv6, or of IPv4 on hosts without. */
function openEither(): { readonly fd: number; readonly version: IpVersion } {
  try {
    return { fd: openTcpSocket(6, {}), version: 6 };
  } catch (error) {
    if (!(error instanceof LinuxError) || error.errno !== 'EAFNOSUPPORT') throw error;
    return { fd: openTcpSocket(4, {}), version: 4 };
  }
}

/**
 * A key that the connection was made with is set once more, to no effect; one that was made before
 * its key was set falls silent.
 */
function protect(socket: Socket, options: ConnectionOptions): boolean {
  const fd = descriptorOf(socket);
  const { localAddress = '', remoteAddress } = socket;
  if (fd < 0 || remoteAddress === undefined) return plainSockets.protect(socket, options);
  try {
    // An IPv4 peer of a dual-stack socket is governed by the options of IPv4.
    setSocketOptions(fd, versionOf(unmapped(localAddress)), hopLimits(options));
    if (options.password !== undefined) {
      setPeerKey(fd, versionOf(localAddress), unmapped(remoteAddress), options.password);
    }
    return true;
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return plainSockets.protect(socket, options);
  }
}

function setPeerKey(fd: number, version: IpVersion, remote: string, password: string): void {
  const peer = parsePrefix(remote.replace(/%.*$/, ''));
  if (peer === undefined) throw new LinuxError(`${remote} is no address`, { errno: 'EINVAL' });
  setMd5Key(fd, version, peer, Buffer.from(password));
}

function holderOf({ address, port }: Endpoint): string | undefined {
  const holder = portHolder(port, parseAddress(address));
  if (holder === undefined) return undefined;
  if (holder.pid === process.pid) return 'this process itself';
  return `${holder.command} (process ${holder.pid})`;
}
