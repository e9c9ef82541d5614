import type { Expiry } from './event.ts';
import { endWithNotification, notice } from './loss.ts';
import type { Connection, Slot } from './state.ts';
import type { Turn } from './turn.ts';

type Live = Extract<Connection, { readonly postponed: boolean }>;

/** Seconds for which unread input puts off the judgement. */
const POSTPONEMENT = 10;

/** A message was heard: the hold timer starts again. */
export function restartHold(turn: Turn, slot: Slot, { negotiated }: Live): void {
  if (negotiated.holdTime > 0) turn.arm(`${slot}/hold`, negotiated.holdTime);
}

/**
 * The hold timer expired. The peer is not judged by what we were too busy to read: once, unread
 * input puts the judgement off; and the host may know of messages that it did not report.
 */
export function holdExpired(turn: Turn, slot: Slot, connection: Live, event: Expiry): void {
  const { holdTime } = connection.negotiated;
  if (event.quiet !== undefined && event.quiet < holdTime) {
    turn.setConnection(slot, { ...connection, postponed: false });
    turn.arm(`${slot}/hold`, holdTime - event.quiet);
    turn.because('hold-rearmed');
    return;
  }
  if (event.unread && !connection.postponed) {
    turn.setConnection(slot, { ...connection, postponed: true });
    turn.arm(`${slot}/hold`, Math.min(POSTPONEMENT, holdTime));
    turn.because('hold-postponed');
    return;
  }
  endWithNotification(turn, slot, notice(4, 0), 'hold-expired');
}

/** The peer connected and then took too long to open the session. */
export function openHoldExpired(turn: Turn, slot: Slot): void {
  endWithNotification(turn, slot, notice(4, 0), 'open-hold-expired');
}

/** The keepalive timer expired: sends one and starts it again. */
export function keepaliveExpired(turn: Turn, slot: Slot, { negotiated }: Live): void {
  turn.act({ type: 'send-keepalive', slot });
  turn.arm(`${slot}/keepalive`, negotiated.keepaliveTime, 'jitter');
  turn.because('keepalive-sent');
}
