import { openConnection } from './approach.ts';
import { loseEstablished } from './graceful-restart.ts';
import { establishedSlot, type Slot } from './state.ts';
import type { Turn } from './turn.ts';

/**
 * Judges a connection that the peer offers while we listen. An established session keeps it out,
 * unless the peer is known to restart gracefully: then the new connection means that it has
 * restarted, and the old one goes without a NOTIFICATION (RFC 4724 §5).
 */
export function acceptIncoming(turn: Turn): void {
  const slot = establishedSlot(turn.peer);
  if (slot !== undefined) {
    acceptBesideEstablished(turn, slot);
    return;
  }
  if (turn.peer.incoming === undefined) {
    accept(turn);
    turn.because('accepted');
    return;
  }
  // A peer dials once at a time: it has given up the connection that it dialled before.
  turn.close('incoming');
  accept(turn);
  turn.because('replaced-by-newer');
}

/**
 * The first offer to a session on which nothing was heard yet is no restart, but the leftover of
 * two simultaneous dials that was slow to arrive.
 */
function acceptBesideEstablished(turn: Turn, slot: Slot): void {
  const connection = turn.peer[slot];
  if (connection?.state !== 'established') return;
  const restarts = (connection.negotiated.gracefulRestart?.families.length ?? 0) > 0;
  if (!restarts || !connection.settled) {
    turn.setConnection(slot, { ...connection, settled: true });
    turn.act({ type: 'reject' });
    turn.because('refused-established');
    return;
  }
  turn.close(slot);
  loseEstablished(turn, connection.negotiated, 'peer-restarted', 'keep');
  accept(turn);
  turn.fails('peer-restarted');
}

function accept(turn: Turn): void {
  turn.act({ type: 'accept' });
  openConnection(turn, 'incoming');
}
