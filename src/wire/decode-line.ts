import { FAMILIES } from '../net/family.ts';
import type { AttributeRemedy, Remedy } from './attributes/attribute-row.ts';
import { attributeName } from './attributes/table.ts';
import { decodeAttributes } from './decode-attributes.ts';
import { MessageError } from './errors.ts';
import { frameLength, messageTypeAt } from './header.ts';
import { hexOf, type Json, openJson } from './json-open.ts';
import { updateJson } from './json-update.ts';
import {
  MAX_EXTENDED_MESSAGE,
  MAX_MESSAGE,
  NOTIFICATION,
  OPEN,
  ROUTE_REFRESH,
  UPDATE,
} from './message.ts';
import { decodeNotification } from './notification.ts';
import type { CodecContext } from './path-attributes.ts';
import { WIRE_REASON_TEXT, type WireReason } from './reasons.ts';
import { decodeRouteRefresh } from './route-refresh.ts';
import { type Reachable, scanUpdate, UpdateScan } from './update-scan.ts';

/** The session that a decoded message is thought to come from. */
export interface DecodeOptions {
  readonly as4: boolean;
  readonly addPath: boolean;
  readonly kind: 'ibgp' | 'ebgp';
  /** RFC 8654 was negotiated. */
  readonly extendedMessages: boolean;
}

export interface DecodedLine {
  readonly json: Json;
  readonly wellFormed: boolean;
}

/**
 * One line of hexadecimal as the JSON object that `bengal decode` prints: the message with what RFC
 * 7606 repaired, or the error that would end the session. Two columns `asn4 addPath` (0 or 1) in
 * front of the message win over the options. Undefined for an empty line or a `#` comment.
 */
export function decodeLine(line: string, options: DecodeOptions): DecodedLine | undefined {
  const columns = line.trim().split(/\s+/);
  if (columns[0] === '' || columns[0]?.startsWith('#')) return undefined;
  const prefixed = columns.length === 3 && /^[01] [01] /.test(columns.join(' '));
  const [as4, addPath] = prefixed ? columns.splice(0, 2) : [];
  const hex = columns.join('');
  if (hex.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(hex)) {
    return failed({ remedy: 'none', reason: 'not hexadecimal octets' });
  }
  const context = contextOf({
    ...options,
    ...(prefixed && { as4: as4 === '1', addPath: addPath === '1' }),
  });
  return decodeBytes(Buffer.from(hex, 'hex'), context);
}

/** One message as the JSON object that `decodeLine` gives. */
export function decodeBytes(bytes: Buffer, context: CodecContext): DecodedLine {
  try {
    return decodeMessage(bytes, context);
  } catch (error) {
    if (error instanceof MessageError) return failed(sessionReset(error));
    throw error;
  }
}

const contextOf = ({ as4, addPath, kind, extendedMessages }: DecodeOptions): CodecContext => ({
  as4,
  kind,
  addPath: addPath ? FAMILIES : [],
  families: FAMILIES,
  maxMessage: extendedMessages ? MAX_EXTENDED_MESSAGE : MAX_MESSAGE,
  extendedNextHop: true,
});

function decodeMessage(bytes: Buffer, context: CodecContext): DecodedLine {
  const length = frameLength(bytes, 0, bytes.length, context.maxMessage);
  if (typeof length !== 'number') throw length;
  if (length !== bytes.length) {
    const reason = length === 0 ? 'the message is cut short' : 'octets follow the message';
    return failed({ remedy: 'none', reason });
  }
  switch (messageTypeAt(bytes, 0)) {
    case OPEN:
      return passed(openJson(bytes), []);
    case UPDATE:
      return decodeUpdate(bytes, context);
    case NOTIFICATION:
      return passed(notificationJson(bytes), []);
    case ROUTE_REFRESH:
      return passed(refreshJson(bytes), []);
    default:
      return passed({ type: 'KEEPALIVE' }, []);
  }
}

function decodeUpdate(bytes: Buffer, context: CodecContext): DecodedLine {
  const scan = new UpdateScan();
  const error = scanUpdate(bytes, 0, bytes.length, context, scan);
  if (error !== undefined) throw error;
  const sets: Reachable[] = [];
  if (scan.nlriStart < scan.nlriEnd) sets.push('classic');
  if (scan.reachNlriStart < scan.reachNlriEnd) sets.push('mp');
  if (scan.judgeOnly) sets.push('none');
  const remedies = new Map<string, AttributeRemedy>();
  for (const reachable of sets) {
    const { attributesStart, attributesEnd } = scan;
    const decoded = decodeAttributes(bytes, attributesStart, attributesEnd, context, reachable);
    if (decoded.disposition === 'reset') throw decoded.error;
    for (const remedy of decoded.remedies) {
      remedies.set(`${remedy.type} ${remedy.reason}`, remedy);
    }
  }
  return passed(updateJson(bytes, scan, context), [...remedies.values()]);
}

function notificationJson(bytes: Buffer): Json {
  const { code, subcode, data } = decodeNotification(bytes, 0, bytes.length);
  return { type: 'NOTIFICATION', code, subcode, dataHex: hexOf(data) };
}

function refreshJson(bytes: Buffer): Json {
  const { afi, safi, subtype, orf } = decodeRouteRefresh(bytes, 0, bytes.length);
  return { type: 'ROUTE_REFRESH', afi, subtype, safi, restHex: hexOf(orf) };
}

/** RFC 7606's names. An assumed LOCAL_PREF repairs nothing that the message shows. */
const REMEDY_NAMES: Readonly<Record<Remedy, string | undefined>> = {
  default: undefined,
  discard: 'attribute-discard',
  withdraw: 'treat-as-withdraw',
};

/** Attributes that are left out although nothing is wrong with them. */
const SOUND: readonly WireReason[] = ['unknown-non-transitive', 'not-enabled'];

function passed(message: Json, remedies: readonly AttributeRemedy[]): DecodedLine {
  const shown = remedies.filter(({ remedy }) => REMEDY_NAMES[remedy] !== undefined);
  const list = shown.map(({ type, remedy, reason }) => ({
    attribute: type,
    remedy: REMEDY_NAMES[remedy],
    reason: `${attributeName(type)}: ${WIRE_REASON_TEXT[reason]}`,
  }));
  const wellFormed = shown.every(({ reason }) => SOUND.includes(reason));
  return { json: { message, remedies: list }, wellFormed };
}

const failed = (error: Json): DecodedLine => ({ json: { error }, wellFormed: false });

const sessionReset = ({ code, subcode, data, message }: MessageError): Json => ({
  remedy: 'session-reset',
  notification: { code, subcode, dataHex: hexOf(data) },
  reason: message,
});
