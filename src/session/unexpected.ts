import { KEEPALIVE, messageName, OPEN, ROUTE_REFRESH, UPDATE } from '../wire/message.ts';
import { endWithNotification, notice } from './loss.ts';
import type { Connection, Slot } from './state.ts';
import type { Turn } from './turn.ts';

type Unexpected = 'open' | 'update' | 'keepalive' | 'route-refresh';

const TYPE_OCTET: Readonly<Record<Unexpected, number>> = {
  open: OPEN,
  update: UPDATE,
  keepalive: KEEPALIVE,
  'route-refresh': ROUTE_REFRESH,
};

/** Subcodes of the Finite State Machine Error, RFC 6608 §3. */
const SUBCODE: Readonly<Record<Connection['state'], number>> = {
  'open-sent': 1,
  'open-confirm': 2,
  established: 3,
};

/** A message that the state does not allow: NOTIFICATION 5 with its type octet as data. */
export function rejectUnexpected(
  turn: Turn,
  slot: Slot,
  state: Connection['state'],
  message: Unexpected,
): void {
  const type = TYPE_OCTET[message];
  const cause = notice(5, SUBCODE[state], Uint8Array.of(type));
  endWithNotification(turn, slot, cause, 'unexpected-message', `${messageName(type)} in ${state}`);
}
