import { judgeCollision } from './collision.ts';
import type { StateEvent } from './event.ts';
import { openHoldExpired } from './hold.ts';
import { endWithNotification, notice, sendNotice } from './loss.ts';
import { negotiate } from './negotiate.ts';
import type { Negotiated } from './negotiated.ts';
import { type Connection, otherSlot, type Slot } from './state.ts';
import type { Turn } from './turn.ts';
import { rejectUnexpected } from './unexpected.ts';

type OpenSent = Extract<Connection, { readonly state: 'open-sent' }>;

/** OpenSent: our OPEN is out and the peer's is awaited. */
export function openSent(turn: Turn, slot: Slot, { sent }: OpenSent, event: StateEvent): void {
  switch (event.type) {
    case 'open': {
      const result = negotiate(turn.peer.settings, sent, event.open);
      if (result.type === 'rejected') {
        endWithNotification(turn, slot, result, 'open-rejected', result.detail);
        return;
      }
      acceptOpen(turn, slot, result.negotiated);
      return;
    }
    case 'expired':
      if (event.timer === 'open-hold') openHoldExpired(turn, slot);
      return;
    case 'keepalive':
    case 'update':
    case 'route-refresh':
      rejectUnexpected(turn, slot, 'open-sent', event.type);
  }
}

/** RFC 4271 §6.8: a collision is decided here, before the OPEN is confirmed. */
function acceptOpen(turn: Turn, slot: Slot, negotiated: Negotiated): void {
  const verdict = judgeCollision(turn.peer, slot, negotiated);
  if (verdict === 'close-this') {
    sendNotice(turn, slot, notice(6, 7));
    turn.because('collision-other-kept');
    return;
  }
  if (verdict === 'close-other') sendNotice(turn, otherSlot(slot), notice(6, 7));
  confirm(turn, slot, negotiated);
  turn.because(verdict === 'none' ? 'open-accepted' : 'collision-this-kept');
}

/** Without a hold time the wait for the KEEPALIVE is bounded as that for the OPEN was. */
function confirm(turn: Turn, slot: Slot, negotiated: Negotiated): void {
  turn.setConnection(slot, { state: 'open-confirm', negotiated, postponed: false });
  turn.act({ type: 'send-keepalive', slot });
  if (negotiated.holdTime === 0) return;
  turn.disarm(`${slot}/open-hold`);
  turn.arm(`${slot}/hold`, negotiated.holdTime);
  turn.arm(`${slot}/keepalive`, negotiated.keepaliveTime, 'jitter');
}
