import { type OnReadOpts, Socket } from 'node:net';
import { readNow } from '../linux/read-now.ts';
import { descriptorOf } from './descriptor.ts';

/** Octets read at a time. */
const READ_SIZE = 64 * 1024;

/** One buffer for all sockets: what was read is looked at before anything else is read. */
const shared = Buffer.allocUnsafeSlow(READ_SIZE);

/** Reads a socket into the shared buffer, past the stream's own machinery. */
export class SocketReader {
  /** Is lent what was read, the first `length` octets of the buffer, for the call. */
  take: (buffer: Buffer, length: number) => void = () => {};

  /** A socket to connect, of a descriptor where there is one. */
  socket(fd: number | undefined): Socket {
    return this.#create(fd === undefined ? {} : { fd });
  }

  /** An accepted socket, made anew: `node:net` gives a server no say in how its sockets read. */
  adopt(accepted: Socket): Socket {
    const shell = accepted as unknown as WithHandle;
    const socket = this.#create({ handle: shell._handle });
    shell._handle = null;
    accepted.destroy();
    return socket;
  }

  /** Takes at once what the system still holds; `node:net` does not when a write has failed. */
  takeRest(socket: Socket): void {
    for (;;) {
      const fd = descriptorOf(socket);
      const count = fd < 0 ? 0 : readNow(fd, shared);
      if (count === 0) return;
      this.take(shared, count);
    }
  }

  #create(origin: { readonly fd: number } | { readonly handle?: unknown }): Socket {
    const onread: OnReadOpts = {
      buffer: shared,
      callback: (count) => {
        this.take(shared, count);
        return true;
      },
    };
    const options = { ...origin, allowHalfOpen: true, onread };
    return new Socket(options);
  }
}

/** Not public, but what `node:net` has made its sockets of in every Node since 0.x. */
interface WithHandle {
  _handle: unknown;
}
