import type { Step } from './action.ts';
import { active } from './active.ts';
import { bfdDown, cease, endOwnRestart, reconfigure, retry, stop } from './commands.ts';
import { connect } from './connect.ts';
import { established } from './established.ts';
import type { ConnectionEvent, SessionEvent, StateEvent } from './event.ts';
import { endOfRib, longLivedOver, restartTimeOver, staleTimeOver } from './graceful-restart.ts';
import { idle } from './idle.ts';
import { endWithNotification, loseConnection, receiveNotification } from './loss.ts';
import { openConfirm } from './open-confirm.ts';
import { openSent } from './open-sent.ts';
import type { Approach, PeerState, Slot } from './state.ts';
import { parseTimer } from './timer-name.ts';
import { Turn } from './turn.ts';

/*
 * The states of RFC 4271 §8.2.2, one file each. A peer is in one of the first three as to getting
 * a connection, and each of its up to two connections is in one of the last three:
 *
 *   idle.ts ─▶ connect.ts ◀─▶ active.ts ─▶ open-sent.ts ─▶ open-confirm.ts ─▶ established.ts
 */
const APPROACHES: Readonly<Record<Approach, (turn: Turn, event: SessionEvent) => void>> = {
  idle,
  connect,
  active,
};

/** The FSM of one peer: what an event makes of its state, what is to be done, and why. Pure. */
export function step(state: PeerState, event: SessionEvent): Step {
  const turn = new Turn(state);
  dispatch(turn, event);
  return turn.done();
}

function dispatch(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'stop':
      stop(turn, event);
      return;
    case 'reconfigure':
      reconfigure(turn, event);
      return;
    case 'cease':
      cease(turn, event);
      return;
    case 'bfd-down':
      bfdDown(turn, event);
      return;
    case 'retry':
      retry(turn);
      return;
    case 'own-restart-over':
      endOwnRestart(turn);
      return;
    case 'end-of-rib':
      endOfRib(turn, event.family);
      return;
    case 'timer':
      expire(turn, event);
      return;
    case 'start':
    case 'connected':
    case 'dial-failed':
    case 'incoming':
      APPROACHES[turn.peer.approach](turn, event);
      return;
    case 'closed':
    case 'open':
    case 'keepalive':
    case 'update':
    case 'route-refresh':
    case 'notification':
    case 'malformed':
      onConnection(turn, event);
      return;
  }
}

/** The loss of a connection is the same in all states; the rest is the state's. */
function onConnection(turn: Turn, event: ConnectionEvent): void {
  const { slot } = event;
  if (turn.peer[slot] === undefined) {
    turn.because('stale-event');
    return;
  }
  switch (event.type) {
    case 'closed':
      loseConnection(turn, slot, event.detail);
      return;
    case 'notification':
      receiveNotification(turn, slot, event);
      return;
    case 'malformed':
      endWithNotification(turn, slot, event, 'malformed-message', event.detail);
      return;
    case 'open':
    case 'keepalive':
    case 'update':
    case 'route-refresh':
      inState(turn, slot, event);
      return;
  }
}

function inState(turn: Turn, slot: Slot, event: StateEvent): void {
  const connection = turn.peer[slot];
  switch (connection?.state) {
    case 'open-sent':
      openSent(turn, slot, connection, event);
      return;
    case 'open-confirm':
      openConfirm(turn, slot, connection, event);
      return;
    case 'established':
      established(turn, slot, connection, event);
      return;
    case undefined:
      turn.because('stale-event');
      return;
  }
}

function expire(turn: Turn, event: Extract<SessionEvent, { readonly type: 'timer' }>): void {
  if (!turn.forgetTimer(event.timer)) {
    turn.because('stale-event');
    return;
  }
  const timer = parseTimer(event.timer);
  switch (timer.name) {
    case 'connect-retry':
    case 'idle-hold':
      APPROACHES[turn.peer.approach](turn, event);
      return;
    case 'error-forget':
      turn.set({ lastErrorWait: 0 });
      turn.because('errors-forgotten');
      return;
    case 'gr-restart':
      restartTimeOver(turn);
      return;
    case 'gr-stale':
      staleTimeOver(turn);
      return;
    case 'llgr-ipv4-unicast':
      longLivedOver(turn, 'ipv4-unicast');
      return;
    case 'llgr-ipv6-unicast':
      longLivedOver(turn, 'ipv6-unicast');
      return;
    case 'open-hold':
    case 'hold':
    case 'keepalive':
    case 'send-hold':
    case 'refresh-ipv4-unicast':
    case 'refresh-ipv6-unicast':
      inState(turn, timer.slot, {
        type: 'expired',
        timer: timer.name,
        quiet: event.quiet,
        unread: event.unread ?? false,
      });
      return;
  }
}
