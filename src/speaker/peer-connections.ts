import type { PeerConfig } from '../config/types.ts';
import type { Slot } from '../session/state.ts';
import { TRANSPORT_REASONS } from '../transport/reasons.ts';
import type { Connection, Transport } from '../transport/transport.ts';
import { connectionOptions } from './connection-keys.ts';
import { type LinkOwner, PeerLink } from './peer-link.ts';

/** The TCP connections of one peer, at most one of each slot: dials, accepts and lets go. */
export class PeerConnections {
  readonly #owner: LinkOwner;
  readonly #transport: Transport;
  readonly #links = new Map<Slot, PeerLink>();
  #cancelDial: (() => void) | undefined;
  #offered: Connection | undefined;

  constructor(owner: LinkOwner, transport: Transport) {
    this.#owner = owner;
    this.#transport = transport;
  }

  get(slot: Slot): PeerLink | undefined {
    return this.#links.get(slot);
  }

  /** Dials; the FSM hears how it went. */
  dial(config: PeerConfig): void {
    const { address, port, interface: zone, localAddress } = config;
    const place = { remote: { address, port }, interface: zone, localAddress };
    const options = { ...place, ...connectionOptions(config) };
    this.#cancelDial = this.#transport.dial(options, {
      connected: (connection) => {
        this.#cancelDial = undefined;
        this.#attach('outgoing', connection);
        this.#owner.event({ type: 'connected' });
      },
      failed: (reason, detail) => {
        this.#cancelDial = undefined;
        const text = TRANSPORT_REASONS[reason];
        const words = detail === undefined ? text : `${text} (${detail})`;
        this.#owner.event({ type: 'dial-failed', detail: words });
      },
    });
  }

  cancelDial(): void {
    this.#cancelDial?.();
    this.#cancelDial = undefined;
  }

  /** A TCP connection that the peer dialled; the FSM says whether it is taken. */
  offer(connection: Connection): void {
    this.#offered = connection;
    this.#owner.event({ type: 'incoming' });
  }

  accept(config: PeerConfig): void {
    const connection = this.#offered;
    this.#offered = undefined;
    if (connection === undefined) return;
    if (connection.protect(connectionOptions(config))) this.#attach('incoming', connection);
    else {
      connection.destroy();
      const detail = TRANSPORT_REASONS.unsupported;
      this.#owner.event({ type: 'closed', slot: 'incoming', detail });
    }
  }

  reject(): void {
    this.#offered?.destroy();
    this.#offered = undefined;
  }

  /** Frees a slot; whoever takes its link closes it. */
  take(slot: Slot): PeerLink | undefined {
    const link = this.#links.get(slot);
    this.#links.delete(slot);
    return link;
  }

  #attach(slot: Slot, connection: Connection): void {
    const link = new PeerLink(slot, connection, this.#owner);
    this.#links.set(slot, link);
    connection.start(link);
  }
}
