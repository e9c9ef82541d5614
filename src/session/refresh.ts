import type { Family } from '../net/family.ts';
import { REFRESH_BEGIN, REFRESH_END, REFRESH_REQUEST } from '../wire/route-refresh.ts';
import type { StateEvent } from './event.ts';
import type { SessionReason } from './reason.ts';
import type { Connection, Slot, TimerName } from './state.ts';
import type { Turn } from './turn.ts';

type Established = Extract<Connection, { readonly state: 'established' }>;
type RouteRefresh = Extract<StateEvent, { readonly type: 'route-refresh' }>;

const timerOf = (slot: Slot, family: Family): TimerName => `${slot}/refresh-${family}`;

/*
 * RFC 2918 and RFC 7313 §4. The connection's `refreshing` lists the families that the peer is
 * sending again:
 *
 *   BoRR: marked ──▶ refresh timer runs ──▶ EoRR: swept
 *                        ├─ another BoRR: marked again
 *                        └─ expires: swept
 */
export function routeRefresh(
  turn: Turn,
  slot: Slot,
  connection: Established,
  { family, subtype }: RouteRefresh,
): void {
  const { families, enhancedRefresh } = connection.negotiated;
  if (family === undefined || !families.includes(family)) {
    turn.because('refresh-ignored');
    return;
  }
  // Without RFC 7313 the octet of the subtype has no meaning (RFC 2918 §3).
  switch (enhancedRefresh ? subtype : REFRESH_REQUEST) {
    case REFRESH_REQUEST:
      turn.act({ type: 'resend', family });
      turn.because('refresh-requested');
      return;
    case REFRESH_BEGIN:
      begin(turn, slot, connection, family);
      return;
    case REFRESH_END:
      end(turn, slot, connection, family, 'refresh-ended');
      return;
    default:
      turn.because('refresh-ignored');
  }
}

/** The peer's EoRR did not come in time. */
export function refreshExpired(
  turn: Turn,
  slot: Slot,
  connection: Established,
  family: Family,
): void {
  end(turn, slot, connection, family, 'refresh-time-over');
}

/** With graceful restart, End-of-RIB ends the first exchange; a BoRR before it means nothing. */
function begin(turn: Turn, slot: Slot, connection: Established, family: Family): void {
  const { negotiated, complete, refreshing } = connection;
  const restarts = negotiated.gracefulRestart?.families.includes(family) ?? false;
  if (restarts && !complete.includes(family)) {
    turn.because('refresh-ignored');
    return;
  }
  const others = refreshing.filter((each) => each !== family);
  turn.setConnection(slot, { ...connection, refreshing: [...others, family] });
  turn.act({ type: 'mark-refresh', family });
  turn.arm(timerOf(slot, family), turn.peer.settings.staleTime);
  turn.because('refresh-begun');
}

function end(
  turn: Turn,
  slot: Slot,
  connection: Established,
  family: Family,
  reason: SessionReason,
): void {
  if (!connection.refreshing.includes(family)) {
    turn.because('refresh-ignored');
    return;
  }
  const refreshing = connection.refreshing.filter((each) => each !== family);
  turn.setConnection(slot, { ...connection, refreshing });
  turn.disarm(timerOf(slot, family));
  turn.act({ type: 'sweep-refresh', family });
  turn.because(reason);
}
