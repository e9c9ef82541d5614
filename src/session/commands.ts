import type { Notification } from '../wire/notification.ts';
import {
  backOff,
  cancelDial,
  enterActive,
  enterConnect,
  forgetErrors,
  hasConnection,
  waitInIdle,
} from './approach.ts';
import type { SessionEvent } from './event.ts';
import { loseEstablished, sweepAll } from './graceful-restart.ts';
import { notice, sendCause } from './loss.ts';
import type { SessionReason } from './reason.ts';
import { establishedSlot, type Slot } from './state.ts';
import type { Turn } from './turn.ts';

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: T }>;

/** Cease subcode, RFC 9384 §2. */
const BFD_DOWN = 10;

const SLOTS: readonly Slot[] = ['outgoing', 'incoming'];

/**
 * Disables the peer. A silent stop closes the sockets and nothing else: no NOTIFICATION and no
 * `session-down`, so that neither the peers nor our own FIB lose a route.
 */
export function stop(turn: Turn, { cease }: EventOf<'stop'>): void {
  if (cease === 'silent') {
    for (const slot of SLOTS) if (turn.peer[slot] !== undefined) turn.close(slot);
    turn.set({ stale: [] });
  } else {
    closeAll(turn, notice(6, cease.subcode, cease.data), 'stopped');
    sweepAll(turn, 'stopped');
  }
  cancelDial(turn);
  for (const timer of turn.peer.armed) turn.disarm(timer);
  turn.set({ enabled: false, approach: 'idle', barred: false, lastErrorWait: 0, mayDial: true });
  turn.because(cease === 'silent' ? 'silent-exit' : 'stopped');
}

/** Puts new settings in force; past errors no longer count. */
export function reconfigure(turn: Turn, { settings, reset }: EventOf<'reconfigure'>): void {
  turn.set({ settings });
  if (reset !== undefined && turn.peer.enabled) {
    sweepAll(turn, 'reset-by-configuration');
    closeAll(turn, notice(6, reset), 'reset-by-configuration');
    restart(turn);
    turn.because('reset-by-configuration');
    return;
  }
  forgetErrors(turn);
  if (turn.peer.approach === 'connect' && !settings.dial) cancelDial(turn);
  if (turn.peer.approach === 'active') enterActive(turn);
  else if (turn.peer.enabled && turn.peer.approach === 'idle') enterConnect(turn);
  turn.because('reconfigured');
}

/** Ends every connection of the peer with a Cease, and comes back as asked. */
export function cease(turn: Turn, event: EventOf<'cease'>): void {
  if (!turn.peer.enabled) return;
  const connected = hasConnection(turn);
  closeAll(turn, notice(6, event.subcode, event.data), 'ceased');
  const { retry: wanted } = event;
  if (wanted === 'at-once') restart(turn);
  else if (connected) {
    turn.set({ barred: true });
    if (wanted === 'after-idle-hold') backOff(turn);
    else waitInIdle(turn, wanted.after);
  }
  turn.because('ceased');
}

/**
 * Ends an established session at once (RFC 9384 §3). Without one, the peer may be restarting: our BFD
 * shares its fate with BGP, so that its end says nothing about forwarding (RFC 5882 §4.3.2).
 */
export function bfdDown(turn: Turn, { detail }: EventOf<'bfd-down'>): void {
  if (establishedSlot(turn.peer) === undefined) {
    turn.because('bfd-down-ignored', detail);
    return;
  }
  closeAll(turn, notice(6, BFD_DOWN), 'bfd-down', detail);
  backOff(turn);
  turn.because('bfd-down', detail);
}

/** Cuts a wait short. */
export function retry(turn: Turn): void {
  if (!turn.peer.enabled) return;
  forgetErrors(turn);
  if (!hasConnection(turn) && turn.peer.approach !== 'connect') enterConnect(turn);
  turn.because('retry-requested');
}

export function endOwnRestart(turn: Turn): void {
  turn.set({ own: { ...turn.peer.own, restarting: false } });
  turn.because('restart-window-over');
}

function restart(turn: Turn): void {
  forgetErrors(turn);
  cancelDial(turn);
  enterConnect(turn);
}

function closeAll(turn: Turn, cause: Notification, reason: SessionReason, detail = ''): void {
  for (const slot of SLOTS) {
    const connection = turn.peer[slot];
    if (connection === undefined) continue;
    const fate = sendCause(turn, slot, cause);
    turn.fails(reason, detail);
    if (connection.state === 'established') {
      loseEstablished(turn, connection.negotiated, reason, fate);
    }
  }
}
