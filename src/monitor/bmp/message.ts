import type { BmpConfig } from '../../config/types.ts';
import type { AddressBytes } from '../../net/address.ts';
import { Writer } from '../../wire/writer.ts';

/** Message types, RFC 7854 §4.1. */
const ROUTE_MONITORING = 0;
const STATISTICS_REPORT = 1;
const PEER_DOWN = 2;
const PEER_UP = 3;
const INITIATION = 4;
const TERMINATION = 5;

const VERSION = 3;

/** Flags of the per-peer header: RFC 7854 §4.2, and RFC 8671 §4 for `O`. */
const IPV6_PEER = 0x80;
const POST_POLICY = 0x40;
const ADJ_RIB_OUT = 0x10;

/** Peer types: RFC 7854 §4.2 and RFC 9069 §4.1. */
const GLOBAL_INSTANCE = 0;
const LOC_RIB_INSTANCE = 3;

/** The tables that a collector can be told of. */
export type BmpView = BmpConfig['rib'][number];

/** Whom a message speaks of, as far as all tables of the peer share it. */
export interface BmpPeer {
  readonly address: AddressBytes;
  readonly asn: number;
  /** Dotted quad as a number. */
  readonly bgpId: number;
}

export interface PeerUp {
  readonly localAddress: AddressBytes;
  readonly localPort: number;
  readonly remotePort: number;
  /** Whole OPEN messages. */
  readonly sentOpen: Buffer;
  readonly receivedOpen: Buffer;
}

/** Why a session ended, RFC 7854 §4.9 and RFC 9069 §5.3; notifications are whole messages. */
export type PeerDownReason =
  | { readonly type: 'local-notification' | 'remote-notification'; readonly message: Buffer }
  | { readonly type: 'remote-closed' | 'deconfigured' };

/** Values of a Stats Report by type; `wide` ones are 64-bit gauges, with a family where it has one. */
export interface Statistic {
  readonly type: number;
  readonly value: number;
  readonly wide: boolean;
  readonly afi?: number;
}

/** RFC 7854 §4.3: who the sender is. */
export const initiation = (sysName: string, sysDescr: string): Buffer =>
  message(INITIATION, (out) => {
    text(out, 1, sysDescr);
    text(out, 2, sysName);
  });

/** RFC 7854 §4.5 with reason 0, administratively closed. */
export const termination = (): Buffer =>
  message(TERMINATION, (out) => {
    out.u16(1);
    out.u16(2);
    out.u16(0);
  });

/**
 * RFC 7854 §4.10:
 *
 *   per-peer header
 *   local address               16 octets
 *   local port, remote port     2 octets each
 *   OPEN sent, OPEN received
 *   information                 table name for Loc-RIB (RFC 9069 §5.2)
 */
export const peerUp = (peer: BmpPeer, view: BmpView, up: PeerUp, time: number): Buffer =>
  message(PEER_UP, (out) => {
    peerHeader(out, peer, view, time);
    address(out, up.localAddress);
    out.u16(up.localPort);
    out.u16(up.remotePort);
    out.bytes(up.sentOpen);
    out.bytes(up.receivedOpen);
    if (view === 'loc-rib') text(out, 3, 'global');
  });

export const peerDown = (
  peer: BmpPeer,
  view: BmpView,
  reason: PeerDownReason,
  time: number,
): Buffer =>
  message(PEER_DOWN, (out) => {
    peerHeader(out, peer, view, time);
    out.u8(REASONS[reason.type]);
    if ('message' in reason) out.bytes(reason.message);
  });

/** One UPDATE in the form that the OPENs of Peer Up announce; `time` in milliseconds, 0 unknown. */
export const routeMonitoring = (
  peer: BmpPeer,
  view: BmpView,
  update: Uint8Array,
  time: number,
): Buffer =>
  message(ROUTE_MONITORING, (out) => {
    peerHeader(out, peer, view, time);
    out.bytes(update);
  });

/** RFC 7854 §4.8. */
export const statisticsReport = (
  peer: BmpPeer,
  view: BmpView,
  statistics: readonly Statistic[],
  time: number,
): Buffer =>
  message(STATISTICS_REPORT, (out) => {
    peerHeader(out, peer, view, time);
    out.u32(statistics.length);
    for (const { type, value, wide, afi } of statistics) {
      out.u16(type);
      out.u16((afi === undefined ? 0 : 3) + (wide ? 8 : 4));
      if (afi !== undefined) {
        out.u16(afi);
        out.u8(1);
      }
      if (wide) out.u32(Math.floor(value / 0x1_0000_0000));
      out.u32(value >>> 0);
    }
  });

const REASONS: Readonly<Record<PeerDownReason['type'], number>> = {
  'local-notification': 1,
  'remote-notification': 3,
  'remote-closed': 4,
  deconfigured: 5,
};

/** RFC 7854 §4.1: version (1 octet), length of the whole message (4), type (1). */
function message(type: number, write: (out: Writer) => void): Buffer {
  const out = new Writer();
  out.u8(VERSION);
  out.u32(0);
  out.u8(type);
  write(out);
  const bytes = out.done();
  bytes.writeUInt32BE(bytes.length, 1);
  return bytes;
}

/**
 * RFC 7854 §4.2:
 *
 *   type, flags    1 octet each
 *   distinguisher  8 octets, 0
 *   address        16 octets
 *   AS number      4 octets
 *   BGP id         4 octets
 *   time           seconds and microseconds, 4 octets each
 */
function peerHeader(out: Writer, peer: BmpPeer, view: BmpView, time: number): void {
  const local = view === 'loc-rib';
  out.u8(local ? LOC_RIB_INSTANCE : GLOBAL_INSTANCE);
  out.u8(local ? 0 : FLAGS[view] | (peer.address.length === 16 ? IPV6_PEER : 0));
  out.u32(0);
  out.u32(0);
  address(out, peer.address);
  out.u32(peer.asn);
  out.u32(peer.bgpId);
  out.u32(Math.floor(time / 1000) >>> 0);
  out.u32(Math.floor((time % 1000) * 1000));
}

const FLAGS: Readonly<Record<Exclude<BmpView, 'loc-rib'>, number>> = {
  'pre-policy': 0,
  'post-policy': POST_POLICY,
  'adj-rib-out-pre': ADJ_RIB_OUT,
  'adj-rib-out-post': ADJ_RIB_OUT | POST_POLICY,
};

/** An IPv4 address stands in the last four octets. */
function address(out: Writer, bytes: AddressBytes): void {
  for (let left = 16 - bytes.length; left > 0; left--) out.u8(0);
  out.bytes(bytes);
}

function text(out: Writer, type: number, value: string): void {
  const bytes = Buffer.from(value, 'utf8');
  out.u16(type);
  out.u16(bytes.length);
  out.bytes(bytes);
}
