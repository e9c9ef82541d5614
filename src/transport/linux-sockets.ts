import type { Socket } from 'node:net';
import { LinuxError } from '../linux/linux-error.ts';
import { portHolder } from '../linux/socket-holder.ts';
import { openTcpSocket, setTcpSocketOptions, TRAFFIC_CLASS_CS6 } from '../linux/tcp-socket.ts';
import { parseAddress } from '../net/address.ts';
import { type DialSocketRequest, plainSockets, type SocketTools } from './socket-tools.ts';
import type { Endpoint } from './transport.ts';

/** Linux's socket options; without the C library only a device that is asked for is an error. */
export const linuxSockets: SocketTools = { openForDial, setTtl, holderOf };

function openForDial(request: DialSocketRequest): number | string | undefined {
  const { family, ttl, device } = request;
  if (ttl === undefined && device === undefined) return undefined;
  try {
    return openTcpSocket(family, {
      trafficClass: TRAFFIC_CLASS_CS6,
      ...(ttl === undefined ? {} : { ttl }),
      ...(device === undefined ? {} : { device }),
    });
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
    return error.errno ?? plainSockets.openForDial(request);
  }
}

/** The descriptor is not public, but has been there in every Node since 0.x. */
interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

function setTtl(socket: Socket, ttl: number): void {
  const fd = (socket as unknown as WithHandle)._handle?.fd;
  if (fd === undefined || fd < 0) return;
  const version = socket.localAddress?.includes(':') === true ? 6 : 4;
  try {
    setTcpSocketOptions(fd, version, { ttl });
    // An IPv4 peer of a dual-stack socket is governed by the IPv4 option.
    if (socket.localAddress?.startsWith('::ffff:') === true) setTcpSocketOptions(fd, 4, { ttl });
  } catch (error) {
    if (!(error instanceof LinuxError)) throw error;
  }
}

function holderOf({ address, port }: Endpoint): string | undefined {
  const holder = portHolder(port, parseAddress(address));
  if (holder === undefined) return undefined;
  if (holder.pid === process.pid) return 'this process itself';
  return `${holder.command} (process ${holder.pid})`;
}
