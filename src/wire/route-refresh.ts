import { MessageError } from './errors.ts';
import { endMessage, startMessage } from './header.ts';
import { HEADER_LENGTH, ROUTE_REFRESH } from './message.ts';
import { Reader } from './reader.ts';

/** Subtypes of RFC 7313 §3.2; without capability 70 the octet has no meaning. */
export const REFRESH_REQUEST = 0;
export const REFRESH_BEGIN = 1;
export const REFRESH_END = 2;

const BODY_LENGTH = 4;

export interface RouteRefresh {
  readonly afi: number;
  readonly safi: number;
  readonly subtype: number;
  /** ORF entries (RFC 5291) as received; bengal never asks for them. */
  readonly orf: Uint8Array;
}

/**
 * ROUTE-REFRESH, RFC 2918 §3 and RFC 7313 §3.2; header included in `bytes[start, end)`.
 *
 *   AFI      2 octets
 *   subtype  1 octet
 *   SAFI     1 octet
 *   ORF      the rest
 */
export function decodeRouteRefresh(bytes: Buffer, start: number, end: number): RouteRefresh {
  const body = new Reader(bytes, start + HEADER_LENGTH, end);
  const afi = body.u16();
  const subtype = body.u8();
  const safi = body.u8();
  return { afi, safi, subtype, orf: body.rest() };
}

/**
 * For peers that sent capability 70: a BoRR or EoRR must have exactly 4 octets, and the data of the
 * error is the whole message (RFC 7313 §5).
 */
export function checkEnhancedRefresh(
  bytes: Buffer,
  start: number,
  end: number,
): MessageError | undefined {
  const { subtype, orf } = decodeRouteRefresh(bytes, start, end);
  const bounds = subtype === REFRESH_BEGIN || subtype === REFRESH_END;
  if (!bounds || orf.length === 0) return undefined;
  return new MessageError(7, 1, 'bad-refresh-length', bytes.subarray(start, end));
}

export function encodeRouteRefresh(afi: number, safi: number, subtype: number): Buffer {
  const out = Buffer.alloc(HEADER_LENGTH + BODY_LENGTH);
  const at = startMessage(out, 0, ROUTE_REFRESH);
  out.writeUInt16BE(afi, at);
  out.writeUInt8(subtype, at + 2);
  out.writeUInt8(safi, at + 3);
  endMessage(out, 0, out.length);
  return out;
}
