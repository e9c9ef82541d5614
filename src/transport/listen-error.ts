import { BengalError } from '../runtime/error.ts';
import type { SocketTools } from './socket-tools.ts';
import type { Endpoint } from './transport.ts';

/** Why an address and port cannot be listened on, and what to do about it. */
export function listenError(
  local: Endpoint,
  error: NodeJS.ErrnoException,
  sockets: SocketTools,
): BengalError {
  const where = `listen ${endpointText(local)}`;
  const details = { where, cause: error };
  switch (error.code) {
    case 'EADDRINUSE': {
      const holder = sockets.holderOf(local) ?? 'another process';
      const cure = 'stop it, or listen on another port or address';
      return new BengalError('port-in-use', `the port is in use by ${holder}`, {
        ...details,
        cure,
      });
    }
    case 'EACCES': {
      const cure = 'give the process the capability CAP_NET_BIND_SERVICE, or choose a higher port';
      return new BengalError('listen-not-permitted', 'the port is not permitted to this user', {
        ...details,
        cure,
      });
    }
    case 'EADDRNOTAVAIL': {
      const cure = 'use an address of this host, or wait until it is assigned';
      return new BengalError('no-such-address', 'the address is not, or not yet, on this host', {
        ...details,
        cure,
      });
    }
    default:
      return new BengalError('listen-failed', error.message, details);
  }
}

const endpointText = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
