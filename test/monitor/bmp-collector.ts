import { formatAddress } from '../../src/net/address.ts';
import { FAMILIES, type Family } from '../../src/net/family.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type {
  Connection,
  ConnectionHandler,
  DialHandler,
  DialOptions,
  Transport,
} from '../../src/transport/transport.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { nlriEnd, readPathId, readPrefix } from '../../src/wire/nlri.ts';
import { decodeOpen } from '../../src/wire/open.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';

/** The end of a connection that a collector holds: takes octets until it is told to stop. */
export class CollectorConnection implements Connection {
  readonly local = { address: '10.0.0.1', port: 40000 };
  readonly remote = { address: '10.0.0.200', port: 1790 };
  readonly unread = false;
  queued = 0;
  /** False: the next write is one too many. */
  open = true;
  ended = false;
  destroyed = false;
  bytes: Buffer = Buffer.alloc(0);
  handler: ConnectionHandler | undefined;

  start(handler: ConnectionHandler): void {
    this.handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    return this.open;
  }

  drain(): void {
    this.open = true;
    this.handler?.drained();
  }

  end(last?: Uint8Array): void {
    if (last !== undefined) this.write(last);
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  protect(): boolean {
    return true;
  }

  admit(): void {}
  setMaxMessage(): void {}
  pause(): void {}
  resume(): void {}
}

/** A transport that only dials, to a collector that is there or not. */
export class CollectorTransport implements Transport {
  readonly dialed: DialOptions[] = [];
  readonly connections: CollectorConnection[] = [];
  present = true;
  readonly #clock: Clock;
  readonly counters: Transport['counters'] = {
    accepted: 0,
    refusedTotal: 0,
    refusedPerAddress: 0,
    dialed: 0,
    dialsFailed: 0,
    beforeOpen: 0,
    acceptsFailed: 0,
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get last(): CollectorConnection {
    const connection = this.connections.at(-1);
    if (connection === undefined) throw new Error('nobody dialled');
    return connection;
  }

  dial(options: DialOptions, handler: DialHandler): () => void {
    this.dialed.push(options);
    const timer = this.#clock.setTimer('collector', 1, () => {
      if (!this.present) {
        handler.failed('refused');
        return;
      }
      const connection = new CollectorConnection();
      this.connections.push(connection);
      handler.connected(connection);
    });
    return () => timer.cancel();
  }

  listen(): never {
    throw new Error('a collector is dialled');
  }

  setKeys(): [] {
    return [];
  }
}

/** A capture in pcap form with each message of a stream in a packet of its own, raw IPv4 and TCP. */
export function captureOf(bytes: Buffer): Buffer {
  const header = Buffer.alloc(24);
  for (const [at, value] of [0xa1b2c3d4, 0x00020004, 0, 0, 262_144, 101].entries()) {
    header.writeUInt32BE(value, 4 * at);
  }
  const packets: Buffer[] = [header];
  for (let at = 0; at < bytes.length; ) {
    const end = at + bytes.readUInt32BE(at + 1);
    const size = 40 + end - at;
    const packet = Buffer.alloc(16 + 40);
    packet.writeUInt32BE(size, 8);
    packet.writeUInt32BE(size, 12);
    packet.set([0x45, 0, size >>> 8, size & 255, 0, 0, 0, 0, 64, 6, 0, 0], 16);
    packet.set([10, 0, 0, 1, 10, 0, 0, 200, 0x9c, 0x40, 1790 >>> 8, 1790 & 255], 28);
    packet.writeUInt32BE(1 + at, 40);
    packet.set([0x50, 0x18, 0xff, 0xff], 48);
    packets.push(packet, bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(packets);
}

/** Families with path identifiers, in each direction. */
interface Known {
  readonly received: readonly Family[];
  readonly sent: readonly Family[];
}

/**
 * A collector written from RFC 7854, RFC 8671 and RFC 9069, apart from the exporter: what it knows
 * of each table, and the story in words. Throws for whatever the RFCs do not allow.
 */
export class BmpReader {
  readonly story: string[] = [];
  /** Prefixes by table, as `pre-policy 10.0.0.2`. */
  readonly tables: Map<string, Map<string, string>> = new Map();
  readonly statistics: Map<string, number> = new Map();
  /** Route Monitoring messages by table. */
  readonly messages: Map<string, number> = new Map();
  readonly #peers = new Map<string, Known>();

  constructor(bytes: Buffer) {
    for (let at = 0; at < bytes.length; ) {
      if (bytes[at] !== 3) throw new Error(`version ${bytes[at]} at octet ${at}`);
      const end = at + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) throw new Error('a message is cut short');
      this.#message(bytes.readUInt8(at + 5), bytes.subarray(at + 6, end));
      at = end;
    }
  }

  /** The routes of a table, sorted; undefined when there is no such peer. */
  routes(table: string): readonly string[] | undefined {
    const routes = this.tables.get(table);
    return routes && [...routes].map(([prefix, path]) => `${prefix} ${path}`.trimEnd()).sort();
  }

  #message(type: number, body: Buffer): void {
    if (type === 4 || type === 5) {
      this.#information(type === 4 ? 'initiation' : 'termination', body);
      return;
    }
    const peer = peerOf(body);
    const rest = body.subarray(42);
    switch (type) {
      case 0:
        this.#routes(peer.table, peer.who, rest);
        return;
      case 1:
        this.#statistics(peer.who, rest);
        return;
      case 2:
        this.#down(peer.who, rest);
        return;
      case 3:
        this.#up(peer.who, rest);
        return;
      default:
        throw new Error(`message type ${type}`);
    }
  }

  #information(name: string, body: Buffer): void {
    const values: string[] = [];
    for (let at = 0; at < body.length; ) {
      const end = at + 4 + body.readUInt16BE(at + 2);
      const value = body.subarray(at + 4, end);
      const shown = name === 'termination' ? String(value.readUInt16BE()) : value.toString();
      values.push(`${body.readUInt16BE(at)}=${shown}`);
      at = end;
    }
    this.story.push(`${name} ${values.join(' ')}`);
  }

  #up(who: string, body: Buffer): void {
    const sentEnd = 20 + body.readUInt16BE(20 + 16);
    const receivedEnd = sentEnd + body.readUInt16BE(sentEnd + 16);
    const sent = decodeOpen(body, 20, sentEnd);
    const received = decodeOpen(body, sentEnd, receivedEnd);
    const modes = [sent, received].map(({ capabilities }) =>
      capabilities.flatMap((each) => (each.type === 'add-path' ? each.families : [])),
    );
    const addPath = (bits: readonly [number, number]): readonly Family[] =>
      FAMILIES.filter((_, index) =>
        bits.every((bit, end) =>
          modes[end]?.some(({ afi, mode }) => afi === index + 1 && (mode & bit) !== 0),
        ),
      );
    if (this.#peers.has(who)) throw new Error(`${who} is up already`);
    this.#peers.set(who, { received: addPath([1, 2]), sent: addPath([2, 1]) });
    const name = receivedEnd < body.length ? ` ${body.subarray(receivedEnd + 4)}` : '';
    this.story.push(`up ${who} ${sent.asn}-${received.asn}${name}`);
  }

  #down(who: string, body: Buffer): void {
    if (!this.#peers.delete(who)) throw new Error(`${who} was not up`);
    for (const table of this.tables.keys()) {
      if (table.endsWith(` ${who}`)) this.tables.delete(table);
    }
    const reason = body.readUInt8(0);
    const code = reason === 1 || reason === 3 ? ` ${body[20]}/${body[21]}` : '';
    this.story.push(`down ${who} ${reason}${code}`);
  }

  #statistics(who: string, body: Buffer): void {
    let at = 4;
    for (let left = body.readUInt32BE(0); left > 0; left--) {
      const [type, length] = [body.readUInt16BE(at), body.readUInt16BE(at + 2)];
      const value = body.subarray(at + 4, at + 4 + length);
      const family = length === 11 ? `/${value.readUInt16BE()}` : '';
      const number = value.readUInt32BE(length - 4);
      this.statistics.set(`${who} ${type}${family}`, number);
      at += 4 + length;
    }
    if (at !== body.length) throw new Error('octets behind the statistics');
  }

  #routes(table: string, who: string, bytes: Buffer): void {
    const known = this.#peers.get(who);
    if (known === undefined) throw new Error(`routes of ${who}, which is not up`);
    const context: CodecContext = {
      as4: true,
      kind: 'ibgp',
      addPath: table.startsWith('out ') ? known.sent : known.received,
      families: FAMILIES,
      maxMessage: 65535,
      extendedNextHop: true,
    };
    const scan = new UpdateScan();
    const error = scanUpdate(bytes, 0, bytes.length, context, scan);
    if (error !== undefined) throw error;
    const key = `${table} ${who}`.trim();
    const routes = this.tables.get(key) ?? new Map<string, string>();
    this.tables.set(key, routes);
    this.messages.set(key, (this.messages.get(key) ?? 0) + 1);
    if (scan.endOfRibAfi !== 0) this.story.push(`end ${key} ${scan.endOfRibAfi}`);
    const each = (from: number, to: number, afi: number, visit: (key: string) => void): void => {
      const family: Family = afi === 2 ? 'ipv6-unicast' : 'ipv4-unicast';
      for (let at = from; at < to; at = nlriEnd(bytes, at)) {
        const id = context.addPath.includes(family) ? ` #${readPathId(bytes, at)}` : '';
        if (id !== '') at += 4;
        visit(formatPrefix(readPrefix(bytes, at, family)) + id);
      }
    };
    const remove = (prefix: string): void => {
      if (!routes.delete(prefix)) this.story.push(`needless ${key} ${prefix}`);
    };
    each(scan.withdrawnStart, scan.withdrawnEnd, 1, remove);
    each(scan.unreachNlriStart, scan.unreachNlriEnd, scan.unreachAfi, remove);
    const reachable = scan.reachAfi === 0 ? 'classic' : 'mp';
    const { attributesStart, attributesEnd } = scan;
    const add = (prefix: string): void => {
      const decoded = decodeAttributes(bytes, attributesStart, attributesEnd, context, reachable);
      if (decoded.disposition === 'reset') throw decoded.error;
      const { asPath = [], med } = decoded.attributes;
      const path = asPath.flatMap(({ asns }) => asns).join(' ');
      routes.set(prefix, `${path}${med === undefined ? '' : ` med ${med}`}`);
    };
    each(scan.nlriStart, scan.nlriEnd, 1, add);
    each(scan.reachNlriStart, scan.reachNlriEnd, scan.reachAfi, add);
  }
}

/** RFC 7854 §4.2, RFC 8671 §4, RFC 9069 §4. */
function peerOf(body: Buffer): { readonly table: string; readonly who: string } {
  const [type, flags] = [body[0], body[1] ?? 0];
  if (type === 3) return { table: '', who: 'loc-rib' };
  if (type !== 0) throw new Error(`peer type ${type}`);
  const six = (flags & 0x80) !== 0;
  const policy = (flags & 0x40) === 0 ? 'pre-policy' : 'post-policy';
  const table = (flags & 0x10) === 0 ? policy : `out ${policy}`;
  return { table, who: formatAddress(Uint8Array.from(body.subarray(six ? 10 : 22, 26))) };
}
