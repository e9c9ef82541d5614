import { MessageError } from './errors.ts';
import { HEADER_LENGTH, KEEPALIVE, MAX_MESSAGE, OPEN, ROUTE_REFRESH, UPDATE } from './message.ts';
import { u16At, writeU16 } from './octets.ts';

/** Octets before the length field. */
export const MARKER_LENGTH = 16;

/** Shortest OPEN, UPDATE and ROUTE-REFRESH: header and fixed fields. */
const SHORTEST_OPEN = 29;
const SHORTEST_UPDATE = 23;
const SHORTEST_REFRESH = 23;

/**
 * Finds the message that begins at `at`: its length when it is complete in `bytes[at, end)`, 0 when
 * more bytes are needed, or the header error of RFC 4271 §6.1, as soon as it can be seen. Allocates
 * nothing unless it fails.
 *
 *   marker  16 octets, all ones
 *   length   2 octets, header included
 *   type     1 octet
 */
export function frameLength(
  bytes: Buffer,
  at: number,
  end: number,
  maxMessage: number,
): number | MessageError {
  const markerEnd = Math.min(at + MARKER_LENGTH, end);
  for (let i = at; i < markerEnd; i++) {
    if (bytes[i] !== 0xff) return new MessageError(1, 1, 'bad-marker');
  }
  if (end - at < HEADER_LENGTH) return 0;
  const length = u16At(bytes, at + MARKER_LENGTH);
  if (length < HEADER_LENGTH || length > maxMessage) return badLength(bytes, at);
  const type = messageTypeAt(bytes, at);
  if (type < OPEN || type > ROUTE_REFRESH) {
    return new MessageError(1, 3, 'unknown-message-type', Uint8Array.of(type));
  }
  if (!fitsType(type, length)) return badLength(bytes, at);
  return end - at < length ? 0 : length;
}

/** Type of the message whose header is at `at`. */
export const messageTypeAt = (bytes: Buffer, at: number): number =>
  bytes[at + MARKER_LENGTH + 2] as number;

/** Writes a header whose length is patched by `endMessage`; returns where the body begins. */
export function startMessage(out: Buffer, at: number, type: number): number {
  for (let i = at; i < at + MARKER_LENGTH; i++) out[i] = 0xff;
  out[at + MARKER_LENGTH + 2] = type;
  return at + HEADER_LENGTH;
}

/** Sets the length of the message `out[start, end)`; returns `end`. */
export function endMessage(out: Buffer, start: number, end: number): number {
  writeU16(out, start + MARKER_LENGTH, end - start);
  return end;
}

/**
 * A NOTIFICATION that is too short must not be answered with another (RFC 4271 §6.4), so that any
 * length passes here and its decoder makes the best of it.
 */
function fitsType(type: number, length: number): boolean {
  if (type === UPDATE) return length >= SHORTEST_UPDATE;
  if (type === KEEPALIVE) return length === HEADER_LENGTH;
  if (type === ROUTE_REFRESH) return length >= SHORTEST_REFRESH;
  if (type === OPEN) return length >= SHORTEST_OPEN && length <= MAX_MESSAGE;
  return true;
}

function badLength(bytes: Buffer, at: number): MessageError {
  const data = bytes.subarray(at + MARKER_LENGTH, at + MARKER_LENGTH + 2);
  return new MessageError(1, 2, 'bad-message-length', data);
}
