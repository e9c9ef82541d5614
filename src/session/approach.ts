import { MAX_EXTENDED_MESSAGE, MAX_MESSAGE } from '../wire/message.ts';
import { buildOpen } from './build-open.ts';
import type { SessionEvent } from './event.ts';
import { ERROR_FORGET_TIME, OPEN_HOLD_TIME } from './settings.ts';
import { establishedSlot, type Slot } from './state.ts';
import type { Turn } from './turn.ts';

/** Listens, and dials when the connect-retry timer says so, unless the peer is never dialled. */
export function enterActive(turn: Turn): void {
  turn.disarm('idle-hold');
  turn.set({ approach: 'active', barred: false });
  if (mayDialNow(turn)) armConnectRetry(turn);
  else turn.disarm('connect-retry');
}

/** Dials at once if the peer may be dialled, else listens. */
export function enterConnect(turn: Turn): void {
  if (!mayDialNow(turn)) {
    enterActive(turn);
    return;
  }
  turn.disarm('idle-hold');
  turn.set({ approach: 'connect', barred: false });
  turn.act({ type: 'dial' });
  armConnectRetry(turn);
}

/** Gives up an outstanding dial. */
export function cancelDial(turn: Turn): void {
  if (turn.peer.approach !== 'connect') return;
  turn.act({ type: 'cancel-dial' });
  turn.set({ approach: 'active' });
}

/** A dial that succeeded just as it was given up leaves a connection that nobody wants. */
export function dropLateDial(turn: Turn, event: SessionEvent): void {
  if (event.type === 'connected' && turn.peer.outgoing === undefined) {
    turn.act({ type: 'close', slot: 'outgoing' });
  }
  turn.because('stale-event');
}

/**
 * After an error: waits in Idle, twice as long as the last time, unless another connection of the
 * peer lives or no wait is configured.
 */
export function backOff(turn: Turn): void {
  if (!turn.peer.enabled || hasConnection(turn)) {
    resumeDialling(turn);
    return;
  }
  const { min, max } = turn.peer.settings.errorWait;
  const { lastErrorWait } = turn.peer;
  const wait = Math.min(max, lastErrorWait === 0 ? min : lastErrorWait * 2);
  turn.set({ lastErrorWait: wait });
  if (wait <= 0) {
    cancelDial(turn);
    enterActive(turn);
    return;
  }
  turn.arm('error-forget', ERROR_FORGET_TIME + wait);
  waitInIdle(turn, wait, 'jitter');
}

/** Neither dials nor accepts for so many seconds. */
export function waitInIdle(
  turn: Turn,
  seconds: number,
  jitter: 'jitter' | 'exact' = 'exact',
): void {
  cancelDial(turn);
  turn.disarm('connect-retry');
  turn.set({ approach: 'idle' });
  turn.arm('idle-hold', seconds, jitter);
}

/** After a loss that is nobody's error: goes on trying at the connect-retry pace. */
export function resumeDialling(turn: Turn): void {
  if (turn.peer.enabled && turn.peer.approach === 'active') enterActive(turn);
}

/** Forgets past errors: the next wait is the shortest again, and dialling is allowed again. */
export function forgetErrors(turn: Turn): void {
  turn.disarm('error-forget');
  turn.set({ lastErrorWait: 0, mayDial: true });
}

/** A TCP connection has come to be: sends our OPEN on it. */
export function openConnection(turn: Turn, slot: Slot): void {
  const { settings, own } = turn.peer;
  const sent = buildOpen(settings, own);
  turn.setConnection(slot, { state: 'open-sent', sent });
  const maxMessage = settings.extendedMessages ? MAX_EXTENDED_MESSAGE : MAX_MESSAGE;
  turn.act({ type: 'send-open', slot, open: sent, maxMessage });
  turn.arm(`${slot}/open-hold`, OPEN_HOLD_TIME);
}

export const hasConnection = ({ peer }: Turn): boolean =>
  peer.outgoing !== undefined || peer.incoming !== undefined;

function mayDialNow({ peer }: Turn): boolean {
  const { settings, mayDial, outgoing } = peer;
  return settings.dial && mayDial && outgoing === undefined && !establishedSlot(peer);
}

function armConnectRetry(turn: Turn): void {
  turn.arm('connect-retry', turn.peer.settings.connectRetryTime, 'jitter');
}
