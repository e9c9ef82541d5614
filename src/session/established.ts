import type { Expiry, StateEvent } from './event.ts';
import { holdExpired, keepaliveExpired, restartHold } from './hold.ts';
import { endSilently } from './loss.ts';
import type { Connection, Slot } from './state.ts';
import type { Turn } from './turn.ts';
import { rejectUnexpected } from './unexpected.ts';

type Established = Extract<Connection, { readonly state: 'established' }>;

/** Established: UPDATEs flow; any message shows that the peer lives. */
export function established(
  turn: Turn,
  slot: Slot,
  connection: Established,
  event: StateEvent,
): void {
  switch (event.type) {
    case 'keepalive':
    case 'update':
    case 'route-refresh':
      if (!connection.settled || connection.postponed) {
        turn.setConnection(slot, { ...connection, settled: true, postponed: false });
      }
      restartHold(turn, slot, connection);
      turn.because('heard');
      return;
    case 'expired':
      if (event.timer === 'hold') holdExpired(turn, slot, connection, event);
      if (event.timer === 'keepalive') keepaliveExpired(turn, slot, connection);
      if (event.timer === 'send-hold') sendHoldExpired(turn, slot, connection, event);
      return;
    case 'open':
      rejectUnexpected(turn, slot, 'established', event.type);
  }
}

/** RFC 9687 §3.2: a peer that takes no output gets no NOTIFICATION either, it could not be sent. */
function sendHoldExpired(
  turn: Turn,
  slot: Slot,
  { negotiated: { sendHoldTime } }: Established,
  { quiet }: Expiry,
): void {
  if (quiet !== undefined && quiet < sendHoldTime) {
    turn.arm(`${slot}/send-hold`, sendHoldTime - quiet);
    turn.because('send-hold-rearmed');
    return;
  }
  endSilently(turn, slot, 'send-hold-expired');
}
