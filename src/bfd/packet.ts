import type { SessionState } from './session-state.ts';

/**
 * A BFD Control packet without authentication, RFC 5880 §4.1. Intervals are microseconds; a
 * discriminator of 0 is none.
 */
export interface ControlPacket {
  readonly state: SessionState;
  readonly diagnostic: number;
  readonly poll: boolean;
  readonly final: boolean;
  /** The sender's BFD does not share fate with its control plane (RFC 5882 §4.3). */
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  readonly detectMultiplier: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
  readonly requiredMinEchoRx: number;
}

export const BFD_VERSION = 1;

const SIZE = 24;

/** By the value of the field, RFC 5880 §4.1. */
const STATES: readonly SessionState[] = ['admin-down', 'down', 'init', 'up'];

const POLL = 0x20;
const FINAL = 0x10;
const CONTROL_PLANE_INDEPENDENT = 0x08;
const AUTHENTICATION_PRESENT = 0x04;
const DEMAND = 0x02;
const MULTIPOINT = 0x01;

/** Why a datagram is discarded unread, RFC 5880 §6.8.6. */
export type Malformation =
  | 'truncated'
  | 'wrong-version'
  | 'wrong-length'
  | 'multiplier-zero'
  | 'multipoint'
  | 'authenticated'
  | 'no-discriminator'
  | 'no-session';

/**
 * Reads the payload of a datagram; what follows the packet's own length is padding.
 *
 *   version 3 bits, diagnostic 5 | state 2, P F C A D M | detect multiplier | length
 *   my discriminator 4 | your discriminator 4
 *   desired min TX 4 | required min RX 4 | required min echo RX 4
 */
export function decodePacket(bytes: Buffer): ControlPacket | Malformation {
  if (bytes.length < SIZE) return 'truncated';
  const first = bytes.readUInt8(0);
  const flags = bytes.readUInt8(1);
  const length = bytes.readUInt8(3);
  if (first >>> 5 !== BFD_VERSION) return 'wrong-version';
  if (length < SIZE || length > bytes.length) return 'wrong-length';
  if ((flags & AUTHENTICATION_PRESENT) !== 0) return 'authenticated';
  if ((flags & MULTIPOINT) !== 0) return 'multipoint';
  const packet: ControlPacket = {
    state: STATES[flags >>> 6] ?? 'down',
    diagnostic: first & 0x1f,
    poll: (flags & POLL) !== 0,
    final: (flags & FINAL) !== 0,
    controlPlaneIndependent: (flags & CONTROL_PLANE_INDEPENDENT) !== 0,
    demand: (flags & DEMAND) !== 0,
    detectMultiplier: bytes.readUInt8(2),
    myDiscriminator: bytes.readUInt32BE(4),
    yourDiscriminator: bytes.readUInt32BE(8),
    desiredMinTx: bytes.readUInt32BE(12),
    requiredMinRx: bytes.readUInt32BE(16),
    requiredMinEchoRx: bytes.readUInt32BE(20),
  };
  return contradiction(packet) ?? packet;
}

function contradiction(packet: ControlPacket): Malformation | undefined {
  if (packet.detectMultiplier === 0) return 'multiplier-zero';
  if (packet.myDiscriminator === 0) return 'no-discriminator';
  const begins = packet.state === 'down' || packet.state === 'admin-down';
  return packet.yourDiscriminator === 0 && !begins ? 'no-session' : undefined;
}

export function encodePacket(packet: ControlPacket): Buffer {
  const bytes = Buffer.alloc(SIZE);
  bytes.writeUInt8((BFD_VERSION << 5) | packet.diagnostic, 0);
  bytes.writeUInt8((STATES.indexOf(packet.state) << 6) | flagsOf(packet), 1);
  bytes.writeUInt8(packet.detectMultiplier, 2);
  bytes.writeUInt8(SIZE, 3);
  bytes.writeUInt32BE(packet.myDiscriminator, 4);
  bytes.writeUInt32BE(packet.yourDiscriminator, 8);
  bytes.writeUInt32BE(packet.desiredMinTx, 12);
  bytes.writeUInt32BE(packet.requiredMinRx, 16);
  bytes.writeUInt32BE(packet.requiredMinEchoRx, 20);
  return bytes;
}

const flagsOf = ({ poll, final, controlPlaneIndependent, demand }: ControlPacket): number =>
  (poll ? POLL : 0) |
  (final ? FINAL : 0) |
  (controlPlaneIndependent ? CONTROL_PLANE_INDEPENDENT : 0) |
  (demand ? DEMAND : 0);
