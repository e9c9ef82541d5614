import {
  CEASE,
  describeNotification,
  hardReset,
  isHardReset,
  type Notification,
} from '../wire/notification.ts';
import { backOff, enterActive, resumeDialling } from './approach.ts';
import { type Fate, loseEstablished } from './graceful-restart.ts';
import type { SessionReason } from './reason.ts';
import type { Connection, NotificationRecord, Slot } from './state.ts';
import type { Turn } from './turn.ts';

const NO_DATA: Uint8Array = new Uint8Array(0);

/** RFC 5492 §3: a peer without a capability that we need is not dialled again by itself. */
const isUnsupportedCapability = ({ code, subcode }: Notification): boolean =>
  code === 2 && subcode === 7;

const isCollision = ({ code, subcode }: Notification): boolean => code === 6 && subcode === 7;

/** A NOTIFICATION without data. */
export const notice = (
  code: number,
  subcode: number,
  data: Uint8Array = NO_DATA,
): Notification => ({
  code,
  subcode,
  data,
});

/**
 * RFC 8538 §5 and RFC 9384 §3: reasons for which the routes are to go wherever a NOTIFICATION
 * alone would keep them: prefix limit, shutdown, de-configured, BFD Down.
 */
const HARD: readonly number[] = [1, 2, 3, 10];

/** Ends a connection by our own NOTIFICATION, and an established session with it. */
export function endWithNotification(
  turn: Turn,
  slot: Slot,
  cause: Notification,
  reason: SessionReason,
  detail = '',
): void {
  const connection = turn.peer[slot];
  const fate = sendCause(turn, slot, cause);
  if (isUnsupportedCapability(cause)) turn.set({ mayDial: false });
  endByError(turn, connection, reason, detail, fate);
}

/** Closes a connection with a NOTIFICATION, whatever becomes of the peer. */
export function sendNotice(turn: Turn, slot: Slot, cause: Notification): void {
  turn.notify(slot, cause, describeNotification(cause));
}

/**
 * Closes a connection with a NOTIFICATION, or with a Hard Reset where the peer would keep our
 * routes and must not; returns what becomes of the peer's.
 */
export function sendCause(turn: Turn, slot: Slot, cause: Notification): Fate {
  const fate = fateOf(turn.peer[slot]);
  const hard = fate === 'keep' && cause.code === CEASE && HARD.includes(cause.subcode);
  sendNotice(turn, slot, hard ? hardReset(cause) : cause);
  return hard ? 'drop' : fate;
}

/** Ends a connection without a word, for an error that the peer cannot be told. */
export function endSilently(turn: Turn, slot: Slot, reason: SessionReason): void {
  const connection = turn.peer[slot];
  turn.close(slot);
  endByError(turn, connection, reason, '', fateOf(connection));
}

/** The peer ended the connection by a NOTIFICATION, which is never answered (RFC 4271 §6.4). */
export function receiveNotification(turn: Turn, slot: Slot, received: Notification): void {
  const connection = turn.peer[slot];
  const { code, subcode, data } = received;
  const text = describeNotification(received);
  const record: NotificationRecord = { direction: 'received', code, subcode, data, text };
  turn.set({ lastNotification: record });
  turn.close(slot);
  if (connection?.state !== 'established' && isCollision(received)) {
    resumeDialling(turn);
    turn.because('notification-received', text);
    return;
  }
  const fate = isHardReset(received) ? 'drop' : fateOf(connection);
  endByError(turn, connection, 'notification-received', text, fate);
}

/**
 * The TCP connection is gone without a NOTIFICATION. A peer with graceful restart is awaited at
 * once; a half-open session goes back to Active, as RFC 4271 §8.2.2 says for OpenSent.
 */
export function loseConnection(turn: Turn, slot: Slot, detail: string): void {
  const connection = turn.peer[slot];
  turn.vacate(slot);
  turn.fails('connection-lost', detail);
  if (connection?.state !== 'established') {
    resumeDialling(turn);
    return;
  }
  loseEstablished(turn, connection.negotiated, 'connection-lost', 'keep');
  if (turn.peer.stale.length > 0) enterActive(turn);
  else backOff(turn);
}

/** What an error makes of a peer's routes: it ends graceful restart (RFC 4724 §4.2), unless both sent N. */
function fateOf(connection: Connection | undefined): Fate {
  if (connection?.state !== 'established') return 'drop';
  return connection.negotiated.gracefulRestart?.notification ? 'keep' : 'drop';
}

function endByError(
  turn: Turn,
  connection: Connection | undefined,
  reason: SessionReason,
  detail: string,
  fate: Fate,
): void {
  if (connection?.state === 'established') {
    loseEstablished(turn, connection.negotiated, reason, fate);
  }
  turn.fails(reason, detail);
  backOff(turn);
}
