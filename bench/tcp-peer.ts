import { connect, type Socket } from 'node:net';
import { messageTypeAt } from '../src/wire/header.ts';
import { encodeKeepalive } from '../src/wire/keepalive.ts';
import { HEADER_LENGTH, OPEN, UPDATE } from '../src/wire/message.ts';
import { encodeOpen } from '../src/wire/open.ts';

export interface TcpPeerOptions {
  readonly from: string;
  readonly to: string;
  readonly asn: number;
  readonly bgpId: number;
  /** An UPDATE that announces or withdraws routes came, at this time of `performance.now()`. */
  readonly updated: (at: number) => void;
}

/** Octets of an UPDATE that is an End-of-RIB of IPv4. */
const END_OF_RIB = 23;
const REDIAL = 5;

/** A neighbour that dials until somebody listens, announces nothing and times what it is told. */
export class TcpPeer {
  readonly #options: TcpPeerOptions;
  #socket: Socket | undefined;
  #pending: Buffer = Buffer.alloc(0);
  #closed = false;

  constructor(options: TcpPeerOptions) {
    this.#options = options;
    this.#dial();
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  #dial(): void {
    if (this.#closed) return;
    const { from, to } = this.#options;
    const socket = connect({ host: to, port: 179, localAddress: from, noDelay: true });
    this.#socket = socket;
    this.#pending = Buffer.alloc(0);
    socket.on('connect', () => socket.write(this.#open()));
    socket.on('data', (chunk) => this.#received(chunk, performance.now()));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => setTimeout(() => this.#dial(), REDIAL));
  }

  #open(): Buffer {
    const { asn, bgpId } = this.#options;
    const capabilities = [
      { type: 'multiprotocol', afi: 1, safi: 1 },
      { type: 'as4', asn },
    ] as const;
    return encodeOpen({ version: 4, asn, holdTime: 0, bgpId, capabilities });
  }

  #received(chunk: Buffer, at: number): void {
    let rest = Buffer.concat([this.#pending, chunk]);
    while (rest.length >= HEADER_LENGTH && rest.length >= rest.readUInt16BE(16)) {
      const length = rest.readUInt16BE(16);
      const type = messageTypeAt(rest, 0);
      if (type === OPEN) this.#socket?.write(encodeKeepalive());
      if (type === UPDATE && length > END_OF_RIB) this.#options.updated(at);
      rest = rest.subarray(length);
    }
    this.#pending = rest;
  }
}
