import type { Family } from '../../src/net/family.ts';
import { afiOf, SAFI_UNICAST } from '../../src/net/family.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { MemoryNetwork } from '../../src/transport/memory-network.ts';
import type { Connection, ConnectionHandler, Listener } from '../../src/transport/transport.ts';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { messageTypeAt } from '../../src/wire/header.ts';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { KEEPALIVE, NOTIFICATION, OPEN, ROUTE_REFRESH, UPDATE } from '../../src/wire/message.ts';
import { nlriEnd, readPrefix } from '../../src/wire/nlri.ts';
import { decodeNotification, type Notification } from '../../src/wire/notification.ts';
import { decodeOpen, encodeOpen, type OpenMessage } from '../../src/wire/open.ts';
import type { CodecContext, PathAttributes } from '../../src/wire/path-attributes.ts';
import { decodeRouteRefresh, encodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import { encodeUpdate } from '../../src/wire/update.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';
import { attributesOf, prefixOf } from './values.ts';

/** What the scripted peer says of itself. */
export interface RawPeerOptions {
  readonly address: string;
  readonly asn: number;
  /** AS number of the speaker under test. */
  readonly speakerAsn: number;
  readonly routerId: number;
  readonly families: readonly Family[];
  readonly holdTime: number;
  /** Graceful restart capability; undefined: none. */
  readonly restart:
    | {
        readonly restarting?: boolean;
        readonly forwarding?: boolean;
        /** N bit, RFC 8538. */
        readonly notification?: boolean;
      }
    | undefined;
  /** Seconds of the graceful restart capability. */
  readonly restartTime: number;
  /** Capabilities beside the usual ones. */
  readonly more: readonly Capability[];
}

const NAMES: Readonly<Record<number, string>> = {
  [OPEN]: 'open',
  [UPDATE]: 'update',
  [NOTIFICATION]: 'notification',
  [KEEPALIVE]: 'keepalive',
  [ROUTE_REFRESH]: 'route-refresh',
};

/**
 * A peer that speaks BGP in bytes over the network in memory, and knows nothing of the speaker's
 * own rooms but the codec. By itself it does nothing; `establish` makes it open and live.
 */
export class RawPeer {
  readonly options: RawPeerOptions;
  /** Names of the messages received on the present connection. */
  received: string[] = [];
  readonly notifications: Notification[] = [];
  readonly opens: OpenMessage[] = [];
  /** Prefixes that the speaker has announced and not withdrawn. */
  readonly table: Map<string, PathAttributes> = new Map();
  /** The last UPDATE received. */
  lastUpdate: Buffer = Buffer.alloc(0);
  /** `+prefix`, `-prefix`, `end FAMILY` and `refresh FAMILY SUBTYPE`, in their order. */
  log: string[] = [];
  /** How often a connection was accepted or made. */
  connections = 0;
  closed: string | undefined;
  /** False: reads nothing, answers nothing. */
  #talks = true;
  /** Takes one message and then pauses. */
  #sips = false;
  readonly #clock: Clock;
  readonly #transport: ReturnType<MemoryNetwork['host']>;
  #listener: Listener | undefined;
  #connection: Connection | undefined;
  #beating = false;

  constructor(network: MemoryNetwork, options: RawPeerOptions) {
    this.#clock = network.clock;
    this.options = options;
    this.#transport = network.host([options.address]);
  }

  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** What the speaker told last in a NOTIFICATION, as `code/subcode data`; undefined: nothing. */
  get lastWord(): string | undefined {
    const last = this.notifications.at(-1);
    return last && `${last.code}/${last.subcode} ${Buffer.from(last.data).toString('hex')}`;
  }

  get connection(): Connection {
    if (this.#connection === undefined) throw new Error(`${this.options.address}: not connected`);
    return this.#connection;
  }

  /** Accepts the speaker's dials; `answer` also opens the session. */
  listen(answer: 'answer' | 'mute' = 'mute'): void {
    this.#listener = this.#transport.listen(
      { address: this.options.address, port: 179 },
      {
        listening: () => {},
        failed: (error) => {
          throw error;
        },
        accepted: (connection) => {
          this.#take(connection);
          if (answer === 'answer') this.#begin();
        },
      },
    );
  }

  /** Refuses every dial from now on. */
  deafen(): void {
    this.#listener?.close();
  }

  dial(to: string, answer: 'answer' | 'mute' = 'mute'): void {
    this.#transport.dial(
      {
        remote: { address: to, port: 179 },
        interface: undefined,
        localAddress: this.options.address,
        ttl: undefined,
      },
      {
        connected: (connection) => {
          this.#take(connection);
          if (answer === 'answer') this.#begin();
        },
        failed: (reason) => {
          this.closed = reason;
        },
      },
    );
  }

  /** Stops reading and sending keepalives; the connection stays. */
  freeze(): void {
    this.#talks = false;
    this.#beating = false;
    this.connection.pause();
  }

  /** Reads one message a second from now on. */
  sip(): void {
    const { connection } = this;
    this.#sips = true;
    this.#clock.setTimer('sip', 1000, () => {
      if (this.#connection !== connection) return;
      connection.resume();
      this.sip();
    });
  }

  /** Goes silent but reads on. */
  hush(): void {
    this.#talks = false;
    this.#beating = false;
  }

  /** Dies without a word. */
  crash(): void {
    this.#beating = false;
    this.#connection?.destroy();
    this.#connection = undefined;
    this.table.clear();
  }

  open(over: Partial<OpenMessage> = {}): Buffer {
    const { asn, holdTime, routerId } = this.options;
    return encodeOpen({
      version: 4,
      asn: asn > 0xffff ? 23456 : asn,
      holdTime,
      bgpId: routerId,
      capabilities: this.#capabilities(),
      ...over,
    });
  }

  send(bytes: Uint8Array): void {
    this.connection.write(bytes);
  }

  keepalive(): void {
    this.send(encodeKeepalive());
  }

  announce(prefixes: readonly string[], over: Partial<PathAttributes> = {}): void {
    const family = familyOfText(prefixes[0] ?? '');
    const routes = prefixes.map((text) => ({ prefix: prefixOf(text) }));
    const attributes = attributesOf(this.options, over);
    this.send(encodeUpdate({ type: 'announce', family, routes, attributes }, this.context));
  }

  withdraw(prefixes: readonly string[]): void {
    const family = familyOfText(prefixes[0] ?? '');
    const routes = prefixes.map((text) => ({ prefix: prefixOf(text) }));
    this.send(encodeUpdate({ type: 'withdraw', family, routes }, this.context));
  }

  /** End-of-RIB of every family, or of one. */
  endOfRib(families: readonly Family[] = this.options.families): void {
    for (const family of families) {
      this.send(encodeUpdate({ type: 'withdraw', family, routes: [] }, this.context));
    }
  }

  /** ROUTE-REFRESH: a request, or with subtype 1 and 2 BoRR and EoRR (RFC 7313). */
  refresh(family: Family, subtype = 0): void {
    this.send(encodeRouteRefresh(afiOf(family), SAFI_UNICAST, subtype));
  }

  /** Prefixes held, sorted. */
  get held(): readonly string[] {
    return [...this.table.keys()].sort();
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const type = messageTypeAt(bytes, start);
    this.received.push(NAMES[type] ?? `type ${type}`);
    if (type === OPEN) this.#opened(decodeOpen(bytes, start, end));
    if (type === NOTIFICATION) this.notifications.push(decodeNotification(bytes, start, end));
    if (type === ROUTE_REFRESH) {
      const { afi, subtype } = decodeRouteRefresh(bytes, start, end);
      this.log.push(`refresh ${familyOfAfi(afi)} ${subtype}`);
    }
    if (type === UPDATE) this.#update(bytes, start, end);
  }

  #take(connection: Connection): void {
    this.connections++;
    this.#connection = connection;
    this.received = [];
    this.log = [];
    this.table.clear();
    this.closed = undefined;
    this.#talks = true;
    this.#sips = false;
    const handler: ConnectionHandler = {
      message: (bytes, start, end) => {
        if (this.#connection === connection) this.#message(bytes, start, end);
        if (this.#sips) connection.pause();
      },
      malformed: (subcode) => {
        throw new Error(`the speaker sent a bad header, subcode ${subcode}`);
      },
      readEnd: () => {},
      drained: () => {},
      closed: (reason) => {
        if (this.#connection !== connection) return;
        this.closed = reason;
        this.#connection = undefined;
        this.#beating = false;
      },
    };
    connection.setMaxMessage(this.context.maxMessage);
    connection.start(handler);
  }

  #begin(): void {
    this.send(this.open());
    this.#beating = true;
  }

  #opened(open: OpenMessage): void {
    this.opens.push(open);
    if (!this.#beating) return;
    this.keepalive();
    this.#beat(this.connection);
  }

  #beat(connection: Connection): void {
    const { holdTime } = this.options;
    if (holdTime === 0) return;
    this.#clock.setTimer('beat', (holdTime * 1000) / 3, () => {
      if (!this.#beating || this.#connection !== connection || !this.#talks) return;
      this.keepalive();
      this.#beat(connection);
    });
  }

  #capabilities(): readonly Capability[] {
    const { families, restart, restartTime, asn, more } = this.options;
    const afiSafis = families.map((family) => ({ afi: afiOf(family), safi: SAFI_UNICAST }));
    const graceful: Capability[] =
      restart === undefined
        ? []
        : [
            {
              type: 'graceful-restart',
              restarting: restart.restarting ?? false,
              notification: restart.notification ?? false,
              restartTime,
              families: afiSafis.map((at) => ({ ...at, forwarding: restart.forwarding ?? true })),
            },
          ];
    return [
      ...afiSafis.map((at): Capability => ({ type: 'multiprotocol', ...at })),
      { type: 'route-refresh' },
      ...graceful,
      { type: 'as4', asn },
      ...more,
    ];
  }

  /** How this peer's UPDATEs are written. */
  get context(): CodecContext {
    const { asn, speakerAsn, families, more } = this.options;
    const has = (type: Capability['type']): boolean => more.some((at) => at.type === type);
    return {
      as4: true,
      kind: asn === speakerAsn ? 'ibgp' : 'ebgp',
      addPath: [],
      families,
      maxMessage: has('extended-message') ? 65535 : 4096,
      extendedNextHop: has('extended-next-hop'),
    };
  }

  #update(bytes: Buffer, start: number, end: number): void {
    const { context } = this;
    this.lastUpdate = Buffer.from(bytes.subarray(start, end));
    const scan = new UpdateScan();
    const error = scanUpdate(bytes, start, end, context, scan);
    if (error !== undefined) throw error;
    if (scan.endOfRibAfi !== 0) this.log.push(`end ${familyOfAfi(scan.endOfRibAfi)}`);
    const each = (from: number, to: number, afi: number, visit: (key: string) => void): void => {
      for (let at = from; at < to; at = nlriEnd(bytes, at)) {
        visit(formatPrefix(readPrefix(bytes, at, familyOfAfi(afi))));
      }
    };
    const remove = (key: string): void => {
      this.table.delete(key);
      this.log.push(`-${key}`);
    };
    const reachable = scan.reachAfi === 0 ? 'classic' : 'mp';
    const { attributesStart, attributesEnd } = scan;
    const add = (key: string): void => {
      const decoded = decodeAttributes(bytes, attributesStart, attributesEnd, context, reachable);
      if (decoded.disposition !== 'accept') throw new Error(`${key}: ${decoded.disposition}`);
      this.table.set(key, decoded.attributes);
      this.log.push(`+${key}`);
    };
    each(scan.withdrawnStart, scan.withdrawnEnd, 1, remove);
    each(scan.unreachNlriStart, scan.unreachNlriEnd, scan.unreachAfi, remove);
    each(scan.nlriStart, scan.nlriEnd, 1, add);
    each(scan.reachNlriStart, scan.reachNlriEnd, scan.reachAfi, add);
  }
}

const familyOfAfi = (afi: number): Family => (afi === 2 ? 'ipv6-unicast' : 'ipv4-unicast');

const familyOfText = (prefix: string): Family =>
  prefix.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';
