import { LinuxError } from '../linux/linux-error.ts';
import { TRAFFIC_CLASS_CS6 } from '../linux/tcp-socket.ts';
import { openUdpPort, type UdpPort } from '../linux/udp-port.ts';
import { parseAddress } from '../net/address.ts';
import type { Random } from '../runtime/random.ts';
import {
  type BfdArrival,
  type BfdNetwork,
  type BfdPath,
  type BfdPort,
  LINK_LOCAL,
} from './network.ts';

/** RFC 5881 §4, RFC 5883 §5. */
const SINGLE_HOP_PORT = 3784;
const MULTIHOP_PORT = 4784;
/** Source ports, RFC 5881 §4. */
const FIRST_SOURCE_PORT = 49152;
const SOURCE_PORTS = 65536 - FIRST_SOURCE_PORT;
/** Tries to find a source port that nobody holds. */
const ATTEMPTS = 20;

/** RFC 5881 §5: whoever sends with less is not on the link. */
const TTL = 255;

const ANY = { 4: new Uint8Array(4), 6: new Uint8Array(16) };

/** BFD over this machine's UDP. */
export class UdpNetwork implements BfdNetwork {
  readonly #random: Random;
  readonly #listening = new Map<string, UdpPort>();

  constructor(random: Random) {
    this.#random = random;
  }

  open(path: BfdPath, arrived: (arrival: BfdArrival) => void): BfdPort {
    const { remote, multihop, interface: zone } = path;
    const version = remote.includes(':') ? 6 : 4;
    this.#listen(version, multihop, arrived);
    const socket = this.#source(path, version);
    const to = LINK_LOCAL.test(remote) ? `${remote}%${zone ?? ''}` : remote;
    const port = multihop ? MULTIHOP_PORT : SINGLE_HOP_PORT;
    return { send: (bytes) => socket.send(bytes, to, port), close: () => socket.close() };
  }

  close(): void {
    for (const port of this.#listening.values()) port.close();
    this.#listening.clear();
  }

  /** One port of each kind for all sessions; it may come late, when another program lets go of it. */
  #listen(version: 4 | 6, multihop: boolean, arrived: (arrival: BfdArrival) => void): void {
    const kind = `${version} ${multihop}`;
    if (this.#listening.has(kind)) return;
    const port = multihop ? MULTIHOP_PORT : SINGLE_HOP_PORT;
    const received = (bytes: Buffer, from: string): void => {
      const [remote = '', zone] = from.split('%');
      arrived({ remote, interface: zone, multihop, bytes });
    };
    const hops = multihop ? {} : { requiredTtl: TTL };
    const open = () => openUdpPort({ address: ANY[version], port, ...hops, received });
    this.#listening.set(kind, explained(`UDP port ${port}`, open));
  }

  /** A socket of its own for every session, so that every session has its own source port. */
  #source({ local, interface: zone }: BfdPath, version: 4 | 6): UdpPort {
    const address = (local === undefined ? undefined : parseAddress(local)) ?? ANY[version];
    const options = {
      address,
      ttl: TTL,
      trafficClass: TRAFFIC_CLASS_CS6,
      ...(zone !== undefined && { device: zone }),
      received: () => {},
    };
    for (let attempt = 1; ; attempt++) {
      const port = FIRST_SOURCE_PORT + (this.#random.u32() % SOURCE_PORTS);
      try {
        return openUdpPort({ ...options, port });
      } catch (error) {
        const taken = error instanceof LinuxError && error.errno === 'EADDRINUSE';
        if (!taken || attempt === ATTEMPTS) throw placed(`local address ${local ?? 'any'}`, error);
      }
    }
  }
}

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'stop the other program that speaks BFD on this machine',
  EADDRNOTAVAIL: 'give this machine the address, or leave localAddress out',
};

function explained<T>(where: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw placed(where, error);
  }
}

/** The same error with where it happened and what may be done about it. */
function placed(where: string, error: unknown): unknown {
  if (!(error instanceof LinuxError)) return error;
  const { errno, message } = error;
  const cure = CURES[errno ?? ''] ?? error.cure;
  return new LinuxError(message, {
    where: `BFD, ${where}`,
    cause: error,
    ...(errno !== undefined && { errno }),
    ...(cure !== undefined && { cure }),
  });
}
