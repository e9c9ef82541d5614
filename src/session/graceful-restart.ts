import type { Family } from '../net/family.ts';
import type { Negotiated } from './negotiated.ts';
import type { SessionReason } from './reason.ts';
import type { SessionSettings } from './settings.ts';
import { establishedSlot } from './state.ts';
import type { Turn } from './turn.ts';

/*
 * The helper's side of RFC 4724 §4.2. `PeerState.stale` lists the families of which routes are kept:
 *
 *   session lost ──▶ gr-restart runs ──▶ session again ──▶ gr-stale runs ──▶ End-of-RIB: swept
 *                        └─ expires: swept                    └─ expires: swept
 */

/** What becomes of a peer's routes when its session ends. */
export type Fate = 'keep' | 'drop';

/**
 * The established session is over. With `keep`, routes of the peer's graceful-restart families stay
 * as stale for its restart time. Those still stale from before go (RFC 4724 §4.2), unless both sides
 * sent the N bit: then `gr-stale` bounds them, through however many restarts (RFC 8538 §4.1).
 */
export function loseEstablished(
  turn: Turn,
  negotiated: Negotiated,
  reason: SessionReason,
  fate: Fate,
): void {
  const { gracefulRestart: { restartTime = 0, notification = false } = {} } = negotiated;
  const keep = fate === 'keep' ? keptFamilies(turn.peer.settings, negotiated) : [];
  const again = turn.peer.stale.filter((family) => keep.includes(family));
  if (again.length > 0 && !notification) {
    turn.act({ type: 'sweep-stale', families: again, reason: 'second-restart' });
  }
  turn.act({ type: 'session-down', keep, reason });
  turn.set({ stale: keep });
  if (!notification || keep.length === 0) turn.disarm('gr-stale');
  if (keep.length === 0) return;
  turn.arm('gr-restart', restartTime);
  if (notification && !turn.peer.armed.has('gr-stale')) {
    turn.arm('gr-stale', restartTime + turn.peer.settings.staleTime);
  }
}

/** Families whose routes outlive the loss of the session. */
function keptFamilies(
  settings: SessionSettings,
  { gracefulRestart }: Negotiated,
): readonly Family[] {
  if (settings.gracefulRestart === undefined || gracefulRestart === undefined) return [];
  return gracefulRestart.restartTime > 0 ? gracefulRestart.families : [];
}

/** The session is back: families whose forwarding state the peer did not preserve go at once. */
export function sessionResumed(turn: Turn, { families, gracefulRestart }: Negotiated): void {
  turn.set({ own: { restarting: false, forwarding: families } });
  const preserved = gracefulRestart?.forwarding ?? [];
  const lost = turn.peer.stale.filter((family) => !preserved.includes(family));
  sweep(turn, lost, 'forwarding-not-preserved');
  turn.disarm('gr-restart');
  if (turn.peer.stale.length > 0 && !turn.peer.armed.has('gr-stale')) {
    turn.arm('gr-stale', turn.peer.settings.staleTime);
  }
}

/** End-of-RIB: what the peer did not announce again goes. */
export function endOfRib(turn: Turn, family: Family): void {
  complete(turn, family);
  if (turn.peer.armed.has('gr-stale') && turn.peer.stale.includes(family)) {
    sweep(turn, [family], 'end-of-rib');
  }
}

function complete(turn: Turn, family: Family): void {
  const slot = establishedSlot(turn.peer);
  const connection = slot === undefined ? undefined : turn.peer[slot];
  if (slot === undefined || connection?.state !== 'established') return;
  if (connection.complete.includes(family)) return;
  turn.setConnection(slot, { ...connection, complete: [...connection.complete, family] });
}

/** The peer did not come back, or its End-of-RIB did not come: everything stale goes. */
export function sweepAll(turn: Turn, reason: SessionReason): void {
  sweep(turn, turn.peer.stale, reason);
}

function sweep(turn: Turn, families: readonly Family[], reason: SessionReason): void {
  if (families.length === 0) return;
  turn.act({ type: 'sweep-stale', families, reason });
  turn.set({ stale: turn.peer.stale.filter((family) => !families.includes(family)) });
  if (turn.peer.stale.length === 0) {
    turn.disarm('gr-restart');
    turn.disarm('gr-stale');
  }
  turn.because(reason);
}
