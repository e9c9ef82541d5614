import { seededRandom } from '../../src/runtime/random.ts';
import type { MemoryNetwork } from '../../src/transport/memory-network.ts';
import type { Connection, ConnectionHandler } from '../../src/transport/transport.ts';
import { messageTypeAt } from '../../src/wire/header.ts';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { NOTIFICATION, OPEN, UPDATE } from '../../src/wire/message.ts';
import { decodeNotification } from '../../src/wire/notification.ts';
import { encodeOpen } from '../../src/wire/open.ts';

export const ASN = 64512;

const HOLD_TIME = 90;
const SECOND = 1000;
/** Milliseconds within which a client dials again. */
const REDIAL = 2000;
const KEEPALIVE_MESSAGE = encodeKeepalive();

export interface LightClientOptions {
  readonly address: string;
  readonly reflector: string;
  readonly routerId: number;
  /** UPDATEs that it sends when the session is up. */
  readonly routes: readonly Buffer[];
  /** Octets a second that it reads; undefined: all that comes. */
  readonly reads?: number;
}

/** A client that keeps a session and counts what it hears: thousands of them fit into a process. */
export class LightClient {
  readonly options: LightClientOptions;
  updates = 0;
  octets = 0;
  /** Time of the last UPDATE. */
  lastAt = 0;
  /** Codes of the NOTIFICATIONs received. */
  readonly notified: number[] = [];
  readonly #network: MemoryNetwork;
  readonly #transport: ReturnType<MemoryNetwork['host']>;
  readonly #random;
  #connection: Connection | undefined;
  #running = false;
  #allowance = 0;

  constructor(network: MemoryNetwork, options: LightClientOptions) {
    this.options = options;
    this.#network = network;
    this.#transport = network.host([options.address]);
    this.#random = seededRandom(options.routerId);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  start(): void {
    this.#running = true;
    this.#dial();
  }

  /** Dies without a word. */
  stop(): void {
    this.#running = false;
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  send(message: Uint8Array): void {
    this.#connection?.write(message);
  }

  #dial(): void {
    if (!this.#running) return;
    const { address, reflector } = this.options;
    this.#transport.dial(
      {
        remote: { address: reflector, port: 179 },
        interface: undefined,
        localAddress: address,
        ttl: undefined,
      },
      { connected: (connection) => this.#begin(connection), failed: () => this.#dialLater() },
    );
  }

  #dialLater(): void {
    this.#network.clock.setTimer('redial', REDIAL * this.#random.next(), () => this.#dial());
  }

  #begin(connection: Connection): void {
    if (!this.#running) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    connection.start(this.#handler(connection));
    const capabilities = [
      { type: 'multiprotocol', afi: 1, safi: 1 },
      { type: 'as4', asn: ASN },
    ] as const;
    const { routerId } = this.options;
    const open = { version: 4, asn: ASN, holdTime: HOLD_TIME, bgpId: routerId, capabilities };
    connection.write(encodeOpen(open));
  }

  #handler(connection: Connection): ConnectionHandler {
    return {
      message: (bytes, start, end) => this.#message(connection, bytes, start, end),
      malformed: (subcode) => {
        throw new Error(`the reflector sent a bad header, subcode ${subcode}`);
      },
      readEnd: () => {},
      drained: () => {},
      closed: () => {
        if (this.#connection !== connection) return;
        this.#connection = undefined;
        this.#dialLater();
      },
    };
  }

  #message(connection: Connection, bytes: Buffer, start: number, end: number): void {
    const type = messageTypeAt(bytes, start);
    if (type === OPEN) this.#opened(connection);
    if (type === NOTIFICATION) this.notified.push(decodeNotification(bytes, start, end).code);
    if (type !== UPDATE) return;
    this.updates++;
    this.octets += end - start;
    this.lastAt = this.#network.clock.now();
    this.#allowance -= end - start;
    if (this.options.reads !== undefined && this.#allowance < 0) this.#rest(connection);
  }

  #opened(connection: Connection): void {
    connection.write(KEEPALIVE_MESSAGE);
    for (const update of this.options.routes) connection.write(update);
    this.#beat(connection);
  }

  #beat(connection: Connection): void {
    this.#network.clock.setTimer('beat', (HOLD_TIME * SECOND) / 3, () => {
      if (this.#connection !== connection) return;
      connection.write(KEEPALIVE_MESSAGE);
      this.#beat(connection);
    });
  }

  /** Reads nothing for a second, or until it may read again. */
  #rest(connection: Connection): void {
    connection.pause();
    this.#network.clock.setTimer('rest', SECOND, () => {
      if (this.#connection !== connection) return;
      this.#allowance += this.options.reads ?? 0;
      if (this.#allowance < 0) this.#rest(connection);
      else connection.resume();
    });
  }
}
