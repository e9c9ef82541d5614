import { cancelDial, enterActive } from './approach.ts';
import type { StateEvent } from './event.ts';
import { sessionResumed } from './graceful-restart.ts';
import { holdExpired, keepaliveExpired, openHoldExpired, restartHold } from './hold.ts';
import { notice, sendNotice } from './loss.ts';
import { type Connection, otherSlot, type Slot } from './state.ts';
import type { Turn } from './turn.ts';
import { rejectUnexpected } from './unexpected.ts';

type OpenConfirm = Extract<Connection, { readonly state: 'open-confirm' }>;

/** OpenConfirm: both OPENs are accepted and the peer's KEEPALIVE is awaited. */
export function openConfirm(
  turn: Turn,
  slot: Slot,
  connection: OpenConfirm,
  event: StateEvent,
): void {
  switch (event.type) {
    case 'keepalive':
      establish(turn, slot, connection);
      return;
    case 'expired':
      if (event.timer === 'open-hold') openHoldExpired(turn, slot);
      if (event.timer === 'hold') holdExpired(turn, slot, connection, event);
      if (event.timer === 'keepalive') keepaliveExpired(turn, slot, connection);
      return;
    case 'open':
    case 'update':
    case 'route-refresh':
      rejectUnexpected(turn, slot, 'open-confirm', event.type);
  }
}

function establish(turn: Turn, slot: Slot, connection: OpenConfirm): void {
  const { negotiated } = connection;
  turn.setConnection(slot, {
    state: 'established',
    negotiated,
    postponed: false,
    settled: false,
    complete: [],
    refreshing: [],
  });
  const other = otherSlot(slot);
  if (turn.peer[other] !== undefined) sendNotice(turn, other, notice(6, 7));
  cancelDial(turn);
  enterActive(turn);
  turn.disarm(`${slot}/open-hold`);
  restartHold(turn, slot, connection);
  if (negotiated.sendHoldTime > 0) turn.arm(`${slot}/send-hold`, negotiated.sendHoldTime);
  sessionResumed(turn, negotiated);
  turn.act({ type: 'session-up', slot, negotiated });
  turn.because('established');
}
