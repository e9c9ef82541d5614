import { acceptIncoming } from './accept.ts';
import { enterActive, enterConnect, hasConnection, openConnection } from './approach.ts';
import type { SessionEvent } from './event.ts';
import type { Turn } from './turn.ts';

/** Connect: a dial is outstanding. Incoming connections are taken as well. */
export function connect(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'connected':
      turn.disarm('connect-retry');
      turn.set({ approach: 'active' });
      openConnection(turn, 'outgoing');
      turn.because('connected');
      return;
    case 'dial-failed':
      enterActive(turn);
      turn.fails('dial-failed', event.detail);
      return;
    case 'timer':
      if (event.timer !== 'connect-retry') return;
      turn.act({ type: 'cancel-dial' });
      if (hasConnection(turn)) enterActive(turn);
      else enterConnect(turn);
      turn.fails('dial-timed-out');
      return;
    case 'incoming':
      acceptIncoming(turn);
      return;
    default:
      turn.because('stale-event');
  }
}
