import { endMessage, startMessage } from './header.ts';
import { HEADER_LENGTH, NOTIFICATION } from './message.ts';
import { notificationName } from './notification-codes.ts';
import { Reader } from './reader.ts';
import { safeText } from './safe-text.ts';

/** Cease subcodes that bengal acts on or sends, RFC 4486, 8538 and 9384. */
export const CEASE = 6;
export const ADMINISTRATIVE_SHUTDOWN = 2;
export const ADMINISTRATIVE_RESET = 4;
const HARD_RESET = 9;

/** Longest text that every receiver understands (RFC 8203); RFC 9003 would allow 255. */
const MAX_TEXT = 128;

export interface Notification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/**
 * NOTIFICATION, RFC 4271 §4.5; header included in `bytes[start, end)`. Never an error: there is no
 * answer to a bad one. What is missing counts as 0.
 *
 *   code     1 octet
 *   subcode  1 octet
 *   data     the rest
 */
export function decodeNotification(bytes: Buffer, start: number, end: number): Notification {
  const body = new Reader(bytes, Math.min(start + HEADER_LENGTH, end), end);
  const code = body.remaining > 0 ? body.u8() : 0;
  const subcode = body.remaining > 0 ? body.u8() : 0;
  return { code, subcode, data: body.rest() };
}

export function encodeNotification(code: number, subcode: number, data: Uint8Array): Buffer {
  const out = Buffer.alloc(HEADER_LENGTH + 2 + data.length);
  const at = startMessage(out, 0, NOTIFICATION);
  out[at] = code;
  out[at + 1] = subcode;
  out.set(data, at + 2);
  endMessage(out, 0, out.length);
  return out;
}

/** A Hard Reset for this reason (RFC 8538 §3.1): whoever gets it drops the routes. */
export const hardReset = ({ code, subcode, data }: Notification): Notification => ({
  code: CEASE,
  subcode: HARD_RESET,
  data: Uint8Array.of(code, subcode, ...data),
});

export const isHardReset = ({ code, subcode }: Notification): boolean =>
  code === CEASE && subcode === HARD_RESET;

/** What is inside a Hard Reset (RFC 8538 §3.1), or the notification itself. */
export function unwrapHardReset(notification: Notification): Notification {
  const { data } = notification;
  if (!isHardReset(notification) || data.length < 2) return notification;
  const [innerCode = 0, innerSubcode = 0] = data;
  return { code: innerCode, subcode: innerSubcode, data: data.subarray(2) };
}

/**
 * The shutdown communication (RFC 9003 §2) in text that is safe to log and show, or undefined when
 * there is none. Text that is not what the RFC asks for is shown as hexadecimal.
 */
export function shutdownCommunication(notification: Notification): string | undefined {
  const { code, subcode, data } = unwrapHardReset(notification);
  const admin = subcode === ADMINISTRATIVE_SHUTDOWN || subcode === ADMINISTRATIVE_RESET;
  if (code !== CEASE || !admin || data.length === 0) return undefined;
  const [length = 0] = data;
  if (length === 0 && data.length === 1) return undefined;
  const text = length < data.length ? safeText(data.subarray(1, 1 + length)) : undefined;
  return text ?? `0x${Buffer.from(data).toString('hex')}`;
}

/** Data of a Cease with a shutdown communication; the text is cut to what every peer accepts. */
export function shutdownData(text: string): Uint8Array {
  let bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_TEXT) {
    let end = MAX_TEXT;
    while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    bytes = bytes.subarray(0, end);
  }
  return Uint8Array.of(bytes.length, ...bytes);
}

/** One line for a log: the RFC's words and what the peer wrote. */
export function describeNotification(notification: Notification): string {
  const inner = unwrapHardReset(notification);
  const name = notificationName(notification.code, notification.subcode);
  const words =
    inner === notification ? name : `${name} (${notificationName(inner.code, inner.subcode)})`;
  const text = shutdownCommunication(notification);
  return text === undefined ? words : `${words}: ${JSON.stringify(text)}`;
}
