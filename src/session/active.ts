import { acceptIncoming } from './accept.ts';
import { dropLateDial, enterActive, enterConnect } from './approach.ts';
import type { SessionEvent } from './event.ts';
import type { Turn } from './turn.ts';

/** Active: listens, and dials when the connect-retry timer expires. */
export function active(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'timer':
      if (event.timer !== 'connect-retry') return;
      if (turn.peer.incoming === undefined) {
        enterConnect(turn);
        turn.because('connect-retry');
      } else {
        enterActive(turn);
        turn.because('connection-in-progress');
      }
      return;
    case 'incoming':
      acceptIncoming(turn);
      return;
    default:
      dropLateDial(turn, event);
  }
}
