import type { AddressBytes } from '../../net/address.ts';
import { type Family, maxLengthOf } from '../../net/family.ts';
import { maskedPrefix, type Prefix } from '../../net/prefix.ts';
import { Reader } from '../../wire/reader.ts';
import { Writer } from '../../wire/writer.ts';
import { malformed } from './record.ts';

/** Subtypes of TABLE_DUMP_V2, RFC 6396 §4.3 and RFC 8050 §4. */
export const PEER_INDEX_TABLE = 1;

/** Peer type bits, RFC 6396 §4.3.1. */
const IPV6_PEER = 1;
const AS4_PEER = 2;

export interface MrtPeer {
  /** Dotted quad as a number. */
  readonly bgpId: number;
  readonly address: AddressBytes;
  readonly asn: number;
}

/** The peers that the RIB records after it name by their index. */
export interface PeerIndex {
  readonly collectorId: number;
  readonly viewName: string;
  readonly peers: readonly MrtPeer[];
}

/** One path of a prefix. */
export interface RibEntry {
  readonly peerIndex: number;
  /** Seconds since the Unix epoch. */
  readonly originated: number;
  /** RFC 8050; counts only in a record with path identifiers. */
  readonly pathId: number;
  /** Attributes with 4-octet AS numbers and a short MP_REACH_NLRI (`rib-attributes.ts`). */
  readonly attributes: Buffer;
}

export interface RibRecord {
  readonly sequence: number;
  readonly family: Family;
  readonly prefix: Prefix;
  readonly addPath: boolean;
  readonly entries: readonly RibEntry[];
}

const RIB_SUBTYPES: readonly (Pick<RibRecord, 'family' | 'addPath'> & {
  readonly subtype: number;
})[] = [
  { subtype: 2, family: 'ipv4-unicast', addPath: false },
  { subtype: 4, family: 'ipv6-unicast', addPath: false },
  { subtype: 8, family: 'ipv4-unicast', addPath: true },
  { subtype: 10, family: 'ipv6-unicast', addPath: true },
];

/** The subtype of a RIB record. */
export function ribSubtype({ family, addPath }: Pick<RibRecord, 'family' | 'addPath'>): number {
  const row = RIB_SUBTYPES.find((each) => each.family === family && each.addPath === addPath);
  return row?.subtype ?? 0;
}

/**
 * PEER_INDEX_TABLE, RFC 6396 §4.3.1:
 *
 *   collector id  4 octets
 *   view name     2 octets of length, then UTF-8
 *   peer count    2 octets
 *   peers         type (1 octet), BGP id (4), address (4 or 16), AS number (2 or 4)
 */
export function encodePeerIndex({ collectorId, viewName, peers }: PeerIndex): Buffer {
  const out = new Writer();
  const name = Buffer.from(viewName, 'utf8');
  out.u32(collectorId);
  out.u16(name.length);
  out.bytes(name);
  out.u16(peers.length);
  for (const { bgpId, address, asn } of peers) {
    out.u8(AS4_PEER | (address.length === 16 ? IPV6_PEER : 0));
    out.u32(bgpId);
    out.bytes(address);
    out.u32(asn);
  }
  return out.done();
}

/** Layout: `encodePeerIndex`. A `TruncatedError` says that the body is too short. */
export function decodePeerIndex(body: Buffer): PeerIndex {
  const reader = new Reader(body);
  const collectorId = reader.u32();
  const viewName = Buffer.from(reader.bytes(reader.u16())).toString('utf8');
  const peers = Array.from({ length: reader.u16() }, (): MrtPeer => {
    const type = reader.u8();
    const bgpId = reader.u32();
    const address = reader.bytes((type & IPV6_PEER) === 0 ? 4 : 16);
    return { bgpId, address, asn: (type & AS4_PEER) === 0 ? reader.u16() : reader.u32() };
  });
  return { collectorId, viewName, peers };
}

/**
 * RIB_IPV4_UNICAST and its like, RFC 6396 §4.3.2, with path identifiers RFC 8050 §4.1:
 *
 *   sequence     4 octets
 *   prefix       length (1 octet, in bits), as many octets as that needs
 *   entry count  2 octets
 *   entries      peer index (2 octets), originated (4), path id (4, RFC 8050), length (2), attributes
 */
export function encodeRib({ sequence, prefix, addPath, entries }: RibRecord): Buffer {
  const out = new Writer();
  out.u32(sequence);
  out.u8(prefix.length);
  out.bytes(prefix.address.subarray(0, (prefix.length + 7) >>> 3));
  out.u16(entries.length);
  for (const { peerIndex, originated, pathId, attributes } of entries) {
    out.u16(peerIndex);
    out.u32(originated);
    if (addPath) out.u32(pathId);
    out.u16(attributes.length);
    out.bytes(attributes);
  }
  return out.done();
}

/** Layout: `encodeRib`; undefined for a table that bengal does not route. */
export function decodeRib(subtype: number, body: Buffer): RibRecord | undefined {
  const row = RIB_SUBTYPES.find((each) => each.subtype === subtype);
  if (row === undefined) return undefined;
  const { family, addPath } = row;
  const reader = new Reader(body);
  const sequence = reader.u32();
  const length = reader.u8();
  const most = maxLengthOf(family);
  if (length > most) throw malformed(`a prefix of ${length} bits`);
  const address = new Uint8Array(most >>> 3);
  address.set(reader.bytes((length + 7) >>> 3));
  const entries = Array.from({ length: reader.u16() }, (): RibEntry => {
    const peerIndex = reader.u16();
    const originated = reader.u32();
    const pathId = addPath ? reader.u32() : 0;
    return { peerIndex, originated, pathId, attributes: Buffer.from(reader.bytes(reader.u16())) };
  });
  return { sequence, family, prefix: maskedPrefix(address, length), addPath, entries };
}
