import { LinuxError } from '../linux/linux-error.ts';
import { removeMd5Key, setMd5Key } from '../linux/tcp-md5.ts';
import type { IpVersion } from '../linux/tcp-socket.ts';
import { type Prefix, parsePrefix } from '../net/prefix.ts';
import type { KeyReason } from './reasons.ts';
import type { ListenSocket } from './socket-tools.ts';
import type { KeyFault, PeerKey } from './transport.ts';

const REASONS: Readonly<Record<string, KeyReason>> = {
  ENOPROTOOPT: 'no-md5',
  ENOMEM: 'key-memory',
};

/** A listening socket of Linux and the TCP-MD5 keys on it. */
export class KeyedSocket implements ListenSocket {
  readonly fd: number;
  readonly #version: IpVersion;
  readonly #ipv4: boolean;
  /** Passwords by address or prefix. */
  #set = new Map<string, string>();

  /** `ipv4` tells whether it takes connections by IPv4. */
  constructor(fd: number, version: IpVersion, ipv4: boolean) {
    this.fd = fd;
    this.#version = version;
    this.#ipv4 = ipv4;
  }

  /** Old keys make room before new ones come; a key that did not change is not touched. */
  setKeys(keys: readonly PeerKey[]): readonly KeyFault[] {
    const wanted = new Map(keys.map(({ from, password }) => [from, password]));
    for (const from of [...this.#set.keys()]) if (!wanted.has(from)) this.#remove(from);
    const faults: KeyFault[] = [];
    for (const [from, password] of wanted) {
      if (this.#set.get(from) === password) continue;
      const fault = this.#put(from, password);
      if (fault !== undefined) faults.push(fault);
    }
    return faults;
  }

  #remove(from: string): void {
    const peer = this.#peer(from);
    if (peer !== undefined) removeMd5Key(this.fd, this.#version, peer);
    this.#set.delete(from);
  }

  #put(from: string, password: string): KeyFault | undefined {
    const peer = this.#peer(from);
    try {
      if (peer !== undefined) setMd5Key(this.fd, this.#version, peer, Buffer.from(password));
      this.#set.set(from, password);
      return undefined;
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      return keyFault(from, error);
    }
  }

  /** Undefined for peers that cannot reach this socket. */
  #peer(from: string): Prefix | undefined {
    const prefix = parsePrefix(from);
    const reaches = prefix?.address.length === 4 ? this.#ipv4 : this.#version === 6;
    return reaches ? prefix : undefined;
  }
}

/** Why the key of `from` cannot be had, from what the system said. */
export function keyFault(from: string, { errno }: LinuxError): KeyFault {
  if (errno === undefined) return { from, reason: 'no-native-calls' };
  return { from, reason: REASONS[errno] ?? 'key-refused', detail: errno };
}
