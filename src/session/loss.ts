import { describeNotification, type Notification } from '../wire/notification.ts';
import { backOff, enterActive, resumeDialling } from './approach.ts';
import { keptFamilies } from './graceful-restart.ts';
import type { Negotiated } from './negotiated.ts';
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

/** Ends a connection by our own NOTIFICATION, and an established session with it. */
export function endWithNotification(
  turn: Turn,
  slot: Slot,
  cause: Notification,
  reason: SessionReason,
  detail = '',
): void {
  const connection = turn.peer[slot];
  sendNotice(turn, slot, cause);
  if (isUnsupportedCapability(cause)) turn.set({ mayDial: false });
  endByError(turn, connection, reason, detail);
}

/** Closes a connection with a NOTIFICATION, whatever becomes of the peer. */
export function sendNotice(turn: Turn, slot: Slot, cause: Notification): void {
  turn.notify(slot, cause, describeNotification(cause));
}

/** Ends a connection without a word, for an error that the peer cannot be told. */
export function endSilently(turn: Turn, slot: Slot, reason: SessionReason): void {
  const connection = turn.peer[slot];
  turn.close(slot);
  endByError(turn, connection, reason, '');
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
  endByError(turn, connection, 'notification-received', text);
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

/**
 * The established session is over. With `keep`, routes of the peer's graceful-restart families stay
 * as stale for its restart time; those still stale from before go (RFC 4724 §4.2).
 */
export function loseEstablished(
  turn: Turn,
  negotiated: Negotiated,
  reason: SessionReason,
  routes: 'keep' | 'drop',
): void {
  const keep = routes === 'keep' ? keptFamilies(turn.peer.settings, negotiated) : [];
  const again = turn.peer.stale.filter((family) => keep.includes(family));
  if (again.length > 0)
    turn.act({ type: 'sweep-stale', families: again, reason: 'second-restart' });
  turn.act({ type: 'session-down', keep, reason });
  turn.disarm('gr-stale');
  turn.set({ stale: keep });
  if (keep.length > 0) turn.arm('gr-restart', negotiated.gracefulRestart?.restartTime ?? 0);
}

/**
 * An error ends graceful restart too (RFC 4724 §4.2). Where both sides had sent the N bit, routes would
 * be kept here (RFC 8538 §4); bengal does not send it.
 */
function endByError(
  turn: Turn,
  connection: Connection | undefined,
  reason: SessionReason,
  detail: string,
): void {
  if (connection?.state === 'established') {
    loseEstablished(turn, connection.negotiated, reason, 'drop');
  }
  turn.fails(reason, detail);
  backOff(turn);
}
