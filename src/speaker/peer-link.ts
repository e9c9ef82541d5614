import { familyOf } from '../net/family.ts';
import type { MessageKind, OutputPort } from '../rib/types.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Probe } from '../runtime/probe.ts';
import type { SessionEvent } from '../session/event.ts';
import type { Negotiated } from '../session/negotiated.ts';
import type { Slot } from '../session/state.ts';
import { TRANSPORT_REASONS, type TransportReason } from '../transport/reasons.ts';
import type { Connection, ConnectionHandler } from '../transport/transport.ts';
import { MessageError } from '../wire/errors.ts';
import { MARKER_LENGTH, messageTypeAt } from '../wire/header.ts';
import { KEEPALIVE, NOTIFICATION, OPEN, ROUTE_REFRESH } from '../wire/message.ts';
import { decodeNotification } from '../wire/notification.ts';
import { decodeOpen } from '../wire/open.ts';
import { checkEnhancedRefresh, decodeRouteRefresh } from '../wire/route-refresh.ts';
import type { MessageCounts } from './message-counts.ts';

/** What a link hands to its peer. */
export interface LinkOwner {
  readonly name: string;
  readonly clock: Clock;
  readonly probe: Probe;
  readonly received: MessageCounts;
  readonly sent: MessageCounts;
  event(event: SessionEvent): void;
  /** An UPDATE on the established link; `bytes` is lent for the call. */
  update(bytes: Buffer, start: number, end: number): void;
  /** No UPDATE follows for now. */
  updatesEnd(): void;
  /** The connection is gone without our doing; `detail` says why. */
  closed(link: PeerLink, detail: string): void;
  drained(link: PeerLink): void;
}

/** One TCP connection of a peer: turns messages into FSM events and watches liveness. */
export class PeerLink implements ConnectionHandler, OutputPort {
  readonly slot: Slot;
  readonly connection: Connection;
  readonly #owner: LinkOwner;
  #live = true;
  /** UPDATEs go to the RIB, no longer to the FSM. */
  #established = false;
  /** Both sides speak RFC 7313. */
  #enhancedRefresh = false;
  /** The FSM was told once that UPDATEs flow; from then on `heardAt` is enough. */
  #flowing = false;
  #heardAt: number;
  /** Octets written and octets taken by the kernel at the last look. */
  #written = 0;
  #taken = 0;
  #takenAt: number;
  /** Output waited at the last look. */
  #waits = false;

  constructor(slot: Slot, connection: Connection, owner: LinkOwner) {
    this.slot = slot;
    this.connection = connection;
    this.#owner = owner;
    this.#heardAt = owner.clock.now();
    this.#takenAt = this.#heardAt;
  }

  establish({ enhancedRefresh }: Negotiated): void {
    this.#established = true;
    this.#enhancedRefresh = enhancedRefresh;
  }

  /** Sends what is queued and `last`, then closes; the peer hears nothing more of this link. */
  end(last: Buffer): void {
    this.#live = false;
    this.#owner.sent.count(messageTypeAt(last, 0));
    this.#owner.probe.message('out', this.#owner.name, last);
    this.connection.end(last);
  }

  /** Closes without a word. */
  destroy(): void {
    this.#live = false;
    this.connection.destroy();
  }

  /** Seconds since anything was heard. */
  get quiet(): number {
    return (this.#owner.clock.now() - this.#heardAt) / 1000;
  }

  /** Seconds for which output has waited without any of it being taken; 0 when none waits. */
  get stalled(): number {
    this.#lookAtOutput();
    if (this.connection.queued === 0) return 0;
    return (this.#owner.clock.now() - this.#takenAt) / 1000;
  }

  #queue(bytes: Uint8Array): boolean {
    if (this.#waits) this.#lookAtOutput();
    this.#written += bytes.length;
    const takesMore = this.connection.write(bytes);
    // Nearly every write is taken at once, and the clock asked only for what waits.
    if (!this.#waits && this.connection.queued > 0) this.#noteProgress();
    return takesMore;
  }

  /** Queues one message of the session itself, counted and shown to the probe. */
  send(message: Buffer): void {
    this.#owner.sent.count(messageTypeAt(message, 0));
    this.#owner.probe.message('out', this.#owner.name, message);
    this.#queue(message);
  }

  /** Queues `messages` whole messages with routes. */
  write(bytes: Uint8Array, messages: number, kind: MessageKind): boolean {
    if (kind === 'update') this.#owner.sent.update += messages;
    else this.#owner.sent.routeRefresh += messages;
    if (this.#owner.probe.detailed) this.#show(bytes);
    return this.#queue(bytes);
  }

  message(bytes: Buffer, start: number, end: number): void {
    if (!this.#live) return;
    const owner = this.#owner;
    const type = messageTypeAt(bytes, start);
    this.#heardAt = owner.clock.now();
    owner.received.count(type);
    if (owner.probe.detailed) owner.probe.message('in', owner.name, bytes.subarray(start, end));
    try {
      this.#handle(type, bytes, start, end);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#malformed(error);
    }
  }

  malformed(subcode: number, data: Uint8Array): void {
    this.#owner.event({
      type: 'malformed',
      slot: this.slot,
      code: 1,
      subcode,
      data,
      detail: 'message header',
    });
  }

  readEnd(): void {
    if (this.#established) this.#owner.updatesEnd();
  }

  drained(): void {
    this.#takenAt = this.#owner.clock.now();
    this.#owner.drained(this);
  }

  closed(reason: TransportReason, detail?: string): void {
    if (!this.#live) return;
    const text = TRANSPORT_REASONS[reason];
    const words = detail === undefined ? text : `${text} (${detail})`;
    this.#owner.closed(this, words);
  }

  #handle(type: number, bytes: Buffer, start: number, end: number): void {
    const { slot } = this;
    const owner = this.#owner;
    switch (type) {
      case KEEPALIVE:
        owner.event({ type: 'keepalive', slot });
        return;
      case OPEN:
        this.connection.admit();
        owner.event({ type: 'open', slot, open: decodeOpen(bytes, start, end) });
        return;
      case NOTIFICATION:
        owner.event({ type: 'notification', slot, ...decodeNotification(bytes, start, end) });
        return;
      case ROUTE_REFRESH:
        this.#refresh(bytes, start, end);
        return;
      default:
        this.#update(bytes, start, end);
    }
  }

  #refresh(bytes: Buffer, start: number, end: number): void {
    const error = this.#enhancedRefresh ? checkEnhancedRefresh(bytes, start, end) : undefined;
    if (error !== undefined) throw error;
    const { afi, safi, subtype } = decodeRouteRefresh(bytes, start, end);
    const family = familyOf(afi, safi);
    this.#owner.event({ type: 'route-refresh', slot: this.slot, family, subtype });
  }

  #update(bytes: Buffer, start: number, end: number): void {
    if (!this.#flowing) {
      this.#flowing = this.#established;
      this.#owner.event({ type: 'update', slot: this.slot });
    }
    if (this.#established) this.#owner.update(bytes, start, end);
  }

  #malformed({ code, subcode, data, message }: MessageError): void {
    const { slot } = this;
    this.#owner.event({ type: 'malformed', slot, code, subcode, data, detail: message });
  }

  /** Shows the probe each message of a buffer of whole ones. */
  #show(bytes: Uint8Array): void {
    const { probe, name } = this.#owner;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; ) {
      const end = at + view.getUint16(at + MARKER_LENGTH);
      probe.message('out', name, bytes.subarray(at, end));
      at = end;
    }
  }

  #lookAtOutput(): void {
    const taken = this.#written - this.connection.queued;
    if (taken !== this.#taken || this.connection.queued === 0) this.#noteProgress();
  }

  #noteProgress(): void {
    const { queued } = this.connection;
    this.#waits = queued > 0;
    this.#taken = this.#written - queued;
    this.#takenAt = this.#owner.clock.now();
  }
}
