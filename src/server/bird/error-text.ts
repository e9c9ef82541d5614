import type { PeerStatus } from '../view.ts';

/** BIRD's words for NOTIFICATION code and subcode, RFC 4271 §4.5. */
const NOTIFICATIONS: ReadonlyMap<string, string> = new Map([
  ['1.0', 'Invalid message header'],
  ['1.1', 'Connection not synchronized'],
  ['1.2', 'Bad message length'],
  ['1.3', 'Bad message type'],
  ['2.0', 'Invalid OPEN message'],
  ['2.1', 'Unsupported version number'],
  ['2.2', 'Bad peer AS'],
  ['2.3', 'Bad BGP identifier'],
  ['2.4', 'Unsupported optional parameter'],
  ['2.5', 'Authentication failure'],
  ['2.6', 'Unacceptable hold time'],
  ['2.7', 'Required capability missing'],
  ['2.8', 'No supported AFI/SAFI'],
  ['3.0', 'Invalid UPDATE message'],
  ['3.1', 'Malformed attribute list'],
  ['3.2', 'Unrecognized well-known attribute'],
  ['3.3', 'Missing mandatory attribute'],
  ['3.4', 'Invalid attribute flags'],
  ['3.5', 'Invalid attribute length'],
  ['3.6', 'Invalid ORIGIN attribute'],
  ['3.7', 'AS routing loop'],
  ['3.8', 'Invalid NEXT_HOP attribute'],
  ['3.9', 'Optional attribute error'],
  ['3.10', 'Invalid network field'],
  ['3.11', 'Malformed AS_PATH'],
  ['4.0', 'Hold timer expired'],
  ['5.0', 'Finite state machine error'],
  ['5.1', 'Unexpected message in OpenSent state'],
  ['5.2', 'Unexpected message in OpenConfirm state'],
  ['5.3', 'Unexpected message in Established state'],
  ['6.0', 'Cease'],
  ['6.1', 'Maximum number of prefixes reached'],
  ['6.2', 'Administrative shutdown'],
  ['6.3', 'Peer de-configured'],
  ['6.4', 'Administrative reset'],
  ['6.5', 'Connection rejected'],
  ['6.6', 'Other configuration change'],
  ['6.7', 'Connection collision resolution'],
  ['6.8', 'Out of Resources'],
  ['7.0', 'Invalid ROUTE-REFRESH message'],
  ['7.1', 'Invalid ROUTE-REFRESH message length'],
]);

/** The system's words, by error code or by the name of the reason that stands for one. */
const SOCKET_ERRORS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Connection refused'],
  ['refused', 'Connection refused'],
  ['ETIMEDOUT', 'Connection timed out'],
  ['timed-out', 'Connection timed out'],
  ['EHOSTUNREACH', 'No route to host'],
  ['unreachable', 'No route to host'],
  ['ENETUNREACH', 'Network is unreachable'],
  ['ECONNRESET', 'Connection reset by peer'],
  ['EPIPE', 'Broken pipe'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EPERM', 'Operation not permitted'],
  ['EACCES', 'Permission denied'],
]);

/** Why a session is not up in BIRD's classes and words; empty when nothing went wrong. */
export function errorText({ state, reason, lastError, lastNotification }: PeerStatus): string {
  if (state === 'Established') return '';
  if (reason.startsWith('kept down: ')) return `Error: ${reason}`;
  if (lastNotification !== undefined && !isOlder(lastNotification, lastError)) {
    const { direction, code, subcode } = lastNotification;
    const kind = direction === 'received' ? 'Received' : 'BGP Error';
    const known = NOTIFICATIONS.get(`${code}.${subcode}`);
    return `${kind}: ${known ?? `Unknown error ${code}.${subcode}`}`;
  }
  return lastError === undefined ? '' : localText(lastError.text);
}

function isOlder(
  { at }: NonNullable<PeerStatus['lastNotification']>,
  lastError: PeerStatus['lastError'],
): boolean {
  return lastError !== undefined && Date.parse(at) < Date.parse(lastError.at);
}

/** `text` is the name of a reason, and its detail after a colon. */
function localText(text: string): string {
  const [reason = '', ...rest] = text.split(': ');
  const detail = rest.join(': ');
  switch (reason) {
    case 'dial-timed-out':
      return 'Socket: Connection timed out';
    case 'dial-failed':
      return `Socket: ${SOCKET_ERRORS.get(detail) ?? detail}`;
    case 'connection-lost':
      return `Socket: ${SOCKET_ERRORS.get(errorCodeIn(detail)) ?? 'Connection closed'}`;
    default:
      return `Error: ${text}`;
  }
}

const errorCodeIn = (detail: string): string => /\b(E[A-Z]{3,})\b/.exec(detail)?.[1] ?? '';
