import type { AddressBytes } from '../../net/address.ts';
import type { FsmState } from '../../session/state.ts';
import { AS_TRANS } from '../../wire/attributes/as-path.ts';
import { Reader } from '../../wire/reader.ts';
import { Writer } from '../../wire/writer.ts';
import { malformed } from './record.ts';

/** The two ends of a session. */
export interface SessionEnds {
  readonly remoteAsn: number;
  readonly localAsn: number;
  readonly interfaceIndex: number;
  /** Both of one family. */
  readonly remote: AddressBytes;
  readonly local: AddressBytes;
}

/** A message of a session, or a step of its FSM. */
export type SessionRecord = SessionEnds &
  (
    | {
        readonly type: 'message';
        /** The AS numbers within have four octets. */
        readonly as4: boolean;
        /** Its prefixes carry path identifiers (RFC 8050). */
        readonly addPath: boolean;
        readonly direction: 'in' | 'out';
        /** A whole BGP message, header included. */
        readonly bytes: Buffer;
      }
    | { readonly type: 'state'; readonly from: FsmState; readonly to: FsmState }
  );

/** FSM states by their number, RFC 6396 §4.4.1. */
const STATES: readonly FsmState[] = [
  'idle',
  'connect',
  'active',
  'open-sent',
  'open-confirm',
  'established',
];

/** The state of this name; undefined when there is none. */
export const stateNamed = (name: string): FsmState | undefined =>
  STATES.find((state) => state === name);

const STATE_CHANGE = 0;
const STATE_CHANGE_AS4 = 5;

/** Subtypes of messages, RFC 6396 §4.4 and RFC 8050 §3. */
const MESSAGES = [
  { subtype: 1, as4: false, addPath: false, direction: 'in' },
  { subtype: 4, as4: true, addPath: false, direction: 'in' },
  { subtype: 6, as4: false, addPath: false, direction: 'out' },
  { subtype: 7, as4: true, addPath: false, direction: 'out' },
  { subtype: 8, as4: false, addPath: true, direction: 'in' },
  { subtype: 9, as4: true, addPath: true, direction: 'in' },
  { subtype: 10, as4: false, addPath: true, direction: 'out' },
  { subtype: 11, as4: true, addPath: true, direction: 'out' },
] as const;

/**
 * The body of a BGP4MP record and its subtype, RFC 6396 §4.4:
 *
 *   peer AS, local AS                2 or 4 octets each
 *   interface index, address family  2 octets each
 *   peer address, local address      4 or 16 octets each
 *   message, or old and new state    (2 octets each)
 */
export function encodeSessionRecord(record: SessionRecord): { subtype: number; body: Buffer } {
  const out = new Writer();
  if (record.type === 'state') {
    writeEnds(out, record, true);
    out.u16(STATES.indexOf(record.from) + 1);
    out.u16(STATES.indexOf(record.to) + 1);
    return { subtype: STATE_CHANGE_AS4, body: out.done() };
  }
  const { as4, addPath, direction } = record;
  const row = MESSAGES.find(
    (each) => each.as4 === as4 && each.addPath === addPath && each.direction === direction,
  );
  writeEnds(out, record, as4);
  out.bytes(record.bytes);
  return { subtype: row?.subtype ?? 0, body: out.done() };
}

/** Layout: `encodeSessionRecord`; undefined for a subtype that is none of RFC 6396 and RFC 8050. */
export function decodeSessionRecord(subtype: number, body: Buffer): SessionRecord | undefined {
  const reader = new Reader(body);
  if (subtype === STATE_CHANGE || subtype === STATE_CHANGE_AS4) {
    const ends = readEnds(reader, subtype === STATE_CHANGE_AS4);
    return { ...ends, type: 'state', from: stateOf(reader.u16()), to: stateOf(reader.u16()) };
  }
  const row = MESSAGES.find((each) => each.subtype === subtype);
  if (row === undefined) return undefined;
  const { as4, addPath, direction } = row;
  const ends = readEnds(reader, as4);
  return { ...ends, type: 'message', as4, addPath, direction, bytes: Buffer.from(reader.rest()) };
}

function writeEnds(out: Writer, ends: SessionEnds, as4: boolean): void {
  const { remoteAsn, localAsn, interfaceIndex, remote, local } = ends;
  for (const asn of [remoteAsn, localAsn]) {
    if (as4) out.u32(asn);
    else out.u16(asn > 0xffff ? AS_TRANS : asn);
  }
  out.u16(interfaceIndex);
  out.u16(remote.length === 4 ? 1 : 2);
  out.bytes(remote);
  out.bytes(local);
}

function readEnds(reader: Reader, as4: boolean): SessionEnds {
  const [remoteAsn, localAsn] = as4 ? [reader.u32(), reader.u32()] : [reader.u16(), reader.u16()];
  const interfaceIndex = reader.u16();
  const afi = reader.u16();
  if (afi !== 1 && afi !== 2) throw malformed(`address family ${afi}`);
  const size = afi === 1 ? 4 : 16;
  return {
    remoteAsn,
    localAsn,
    interfaceIndex,
    remote: reader.bytes(size),
    local: reader.bytes(size),
  };
}

function stateOf(number: number): FsmState {
  const state = STATES[number - 1];
  if (state === undefined) throw malformed(`FSM state ${number}`);
  return state;
}
