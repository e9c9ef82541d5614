import { AS4_CODE } from './capabilities/as4.ts';
import {
  type Capability,
  capabilityRow,
  capabilityRowOf,
  type UnknownCapability,
} from './capabilities/table.ts';
import { MessageError, TruncatedError } from './errors.ts';
import { endMessage, startMessage } from './header.ts';
import { HEADER_LENGTH, OPEN } from './message.ts';
import { readCapabilities, writeParameters } from './optional-parameters.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const VERSION = 4;
const SHORTEST_HOLD_TIME = 3;

/** What an OPEN says, RFC 4271 §4.2. */
export interface OpenMessage {
  readonly version: number;
  /** The 2-octet field: AS_TRANS where the AS number needs four (RFC 6793). */
  readonly asn: number;
  /** In seconds; 0 turns keepalives off. */
  readonly holdTime: number;
  /** Dotted quad as a number. */
  readonly bgpId: number;
  /** In the order of the message, repeated ones included. */
  readonly capabilities: readonly Capability[];
}

/** An OPEN as received. */
export interface ReceivedOpen extends OpenMessage {
  /** Capabilities that bengal knows and whose value is malformed: not in `capabilities`. */
  readonly ignored: readonly UnknownCapability[];
  /** Every capability as on the wire. */
  readonly raw: readonly UnknownCapability[];
  /** The optional parameters came in the form of RFC 9072. */
  readonly extendedParameters: boolean;
}

/**
 * Reads the OPEN `bytes[start, end)`, header included, or throws the `MessageError` of RFC 4271
 * §6.2 for what is wrong whoever the peer is. AS number, identifier and capabilities are compared
 * with the configuration by the session.
 *
 *   version     1 octet
 *   asn         2 octets
 *   hold time   2 octets
 *   identifier  4 octets
 *   parameters  `optional-parameters.ts`
 */
export function decodeOpen(bytes: Buffer, start: number, end: number): ReceivedOpen {
  const body = new Reader(bytes, start + HEADER_LENGTH, end);
  const version = body.u8();
  if (version !== VERSION) {
    throw new MessageError(2, 1, 'bad-version', Uint8Array.of(0, VERSION));
  }
  const asn = body.u16();
  const holdTime = body.u16();
  const bgpId = body.u32();
  const { capabilities: raw, extended } = readCapabilities(body);
  const capabilities: Capability[] = [];
  const ignored: UnknownCapability[] = [];
  for (const one of raw) {
    const capability = decodeCapability(one);
    if (capability !== undefined) capabilities.push(capability);
    else ignored.push(one);
  }
  // Without it the size of every AS number to come would be a guess.
  if (ignored.some(({ code }) => code === AS4_CODE)) {
    throw new MessageError(2, 0, 'malformed-as4-capability');
  }
  const open = { version, asn, holdTime, bgpId, capabilities };
  check(open);
  return { ...open, ignored, raw, extendedParameters: extended };
}

/** The OPEN as a message, with the parameters in the old form wherever they fit it. */
export function encodeOpen(open: OpenMessage): Buffer {
  const parameters = new Writer();
  writeParameters(parameters, open.capabilities.map(encodeCapability));
  const out = Buffer.alloc(HEADER_LENGTH + 9 + parameters.length);
  const at = startMessage(out, 0, OPEN);
  out.writeUInt8(open.version, at);
  out.writeUInt16BE(open.asn, at + 1);
  out.writeUInt16BE(open.holdTime, at + 3);
  out.writeUInt32BE(open.bgpId, at + 5);
  out.set(parameters.done(), at + 9);
  endMessage(out, 0, out.length);
  return out;
}

/** The AS number that the sender of an OPEN means: the 4-octet one if it gave one. */
export function openAsn({ asn, capabilities }: OpenMessage): number {
  const as4 = capabilities.findLast((capability) => capability.type === 'as4');
  return as4?.asn ?? asn;
}

function check(open: OpenMessage): void {
  if (open.asn === 0 || openAsn(open) === 0) throw new MessageError(2, 2, 'as-zero-peer');
  if (open.holdTime !== 0 && open.holdTime < SHORTEST_HOLD_TIME) {
    throw new MessageError(2, 6, 'bad-hold-time');
  }
  if (open.bgpId === 0) throw new MessageError(2, 3, 'bad-bgp-id');
}

/** Undefined when bengal knows the capability and its value is malformed. */
export function decodeCapability(raw: UnknownCapability): Capability | undefined {
  const row = capabilityRow(raw.code);
  if (row === undefined) return raw;
  try {
    return row.decode(new Reader(Buffer.from(raw.value)));
  } catch (error) {
    if (error instanceof TruncatedError) return undefined;
    throw error;
  }
}

function encodeCapability(capability: Capability): UnknownCapability {
  if (capability.type === 'unknown') return capability;
  const row = capabilityRowOf(capability.type);
  const value = new Writer();
  row.encode(value, capability);
  return { type: 'unknown', code: row.code, value: value.done() };
}
