import { dropLateDial, enterConnect, forgetErrors } from './approach.ts';
import type { SessionEvent } from './event.ts';
import type { Turn } from './turn.ts';

/** Idle: disabled, or waiting after an error. Nothing is dialled and nothing accepted. */
export function idle(turn: Turn, event: SessionEvent): void {
  switch (event.type) {
    case 'start':
      if (turn.peer.enabled) return;
      turn.set({ enabled: true, own: event.own, lastError: undefined });
      forgetErrors(turn);
      enterConnect(turn);
      turn.because('started');
      return;
    case 'timer':
      if (event.timer !== 'idle-hold') return;
      enterConnect(turn);
      turn.because('idle-hold-over');
      return;
    case 'incoming':
      turn.act({ type: 'reject' });
      turn.because(turn.peer.enabled ? 'refused-idle-hold' : 'refused-stopped');
      return;
    default:
      dropLateDial(turn, event);
  }
}
