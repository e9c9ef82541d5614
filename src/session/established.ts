import type { Expiry, StateEvent } from './event.ts';
import { holdExpired, keepaliveExpired, restartHold } from './hold.ts';
import { endSilently } from './loss.ts';
import { refreshExpired, routeRefresh } from './refresh.ts';
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
      heard(turn, slot, connection);
      return;
    case 'route-refresh':
      routeRefresh(turn, slot, heard(turn, slot, connection), event);
      return;
    case 'expired':
      expired(turn, slot, connection, event);
      return;
    case 'open':
      rejectUnexpected(turn, slot, 'established', event.type);
  }
}

/** The peer lives: the hold timer starts again. */
function heard(turn: Turn, slot: Slot, connection: Established): Established {
  const settled = { ...connection, settled: true, postponed: false };
  if (!connection.settled || connection.postponed) turn.setConnection(slot, settled);
  restartHold(turn, slot, connection);
  turn.because('heard');
  return settled;
}

function expired(turn: Turn, slot: Slot, connection: Established, event: Expiry): void {
  switch (event.timer) {
    case 'hold':
      holdExpired(turn, slot, connection, event);
      return;
    case 'keepalive':
      keepaliveExpired(turn, slot, connection);
      return;
    case 'send-hold':
      sendHoldExpired(turn, slot, connection, event);
      return;
    case 'refresh-ipv4-unicast':
      refreshExpired(turn, slot, connection, 'ipv4-unicast');
      return;
    case 'refresh-ipv6-unicast':
      refreshExpired(turn, slot, connection, 'ipv6-unicast');
      return;
    case 'open-hold':
      return;
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
