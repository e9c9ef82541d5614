import { Socket } from 'node:net';
import { openSocketPair } from '../linux/socket-pair.ts';
import type { Clock } from '../runtime/clock.ts';
import { NodeConnection } from './node-connection.ts';
import { SocketReader } from './socket-reader.ts';
import type {
  DialHandler,
  DialOptions,
  Endpoint,
  KeyFault,
  Listener,
  ListenHandler,
  Transport,
  TransportCounters,
} from './transport.ts';

const NOTHING_COUNTED: TransportCounters = {
  accepted: 0,
  refusedTotal: 0,
  refusedPerAddress: 0,
  dialed: 0,
  dialsFailed: 0,
  beforeOpen: 0,
  acceptsFailed: 0,
};

/**
 * A host that only this process reaches: what it accepts are socket pairs of the Unix domain, which
 * go through `node:net` and the kernel as connections of TCP do. It dials nobody.
 */
export class SocketPairTransport implements Transport {
  readonly counters: TransportCounters = NOTHING_COUNTED;
  readonly #clock: Clock;
  #handler: ListenHandler | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(local: Endpoint, handler: ListenHandler): Listener {
    this.#handler = handler;
    this.#clock.soon(() => handler.listening(local));
    return {
      close: () => {
        this.#handler = undefined;
      },
    };
  }

  setKeys(): readonly KeyFault[] {
    return [];
  }

  dial(_options: DialOptions, handler: DialHandler): () => void {
    let given = false;
    this.#clock.soon(() => {
      if (!given) handler.failed('unreachable');
    });
    return () => {
      given = true;
    };
  }

  /** A connection that seems to come from `remote`; returns its other end. Throws a `LinuxError`. */
  connect(remote: Endpoint, local: Endpoint): Socket {
    const [fd, otherFd] = openSocketPair();
    const reader = new SocketReader();
    const host = { clock: this.#clock, protect: () => true, admitted: () => {}, gone: () => {} };
    const ends = { local, remote };
    const connection = new NodeConnection(reader.socket(fd), reader, host, ends);
    if (this.#handler === undefined) connection.destroy();
    else this.#handler.accepted(connection);
    return new Socket({ fd: otherFd });
  }
}
