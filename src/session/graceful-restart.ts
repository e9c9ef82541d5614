import type { Family } from '../net/family.ts';
import type { Negotiated } from './negotiated.ts';
import type { SessionReason } from './reason.ts';
import type { SessionSettings } from './settings.ts';
import { establishedSlot, type PeerState, type TimerName } from './state.ts';
import type { Turn } from './turn.ts';

/*
 * The helper's side of RFC 4724 §4.2 and RFC 9494 §4. `PeerState.stale` lists the families of which
 * routes are kept; those of `PeerState.longLived` outlive the restart time, as routes of last resort:
 *
 *   session lost ──▶ gr-restart runs ──▶ session again ──▶ gr-stale runs ──▶ End-of-RIB: swept
 *                        └─ expires: swept, or                └─ expires: swept
 *                           llgr-FAMILY runs, session or not ──▶ End-of-RIB, or expires: swept
 */

/** What becomes of a peer's routes when its session ends. */
export type Fate = 'keep' | 'drop';

const longLivedTimer = (family: Family): TimerName => `llgr-${family}`;

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
  const { settings, stale } = turn.peer;
  const { gracefulRestart: { restartTime = 0, notification = false } = {} } = negotiated;
  const restarting = fate === 'keep' ? keptFamilies(settings, negotiated) : [];
  const longLived = fate === 'keep' ? longLivedFamilies(settings, negotiated) : [];
  const lasting = longLived.map(({ family }) => family);
  const keep = negotiated.families.filter(
    (family) => restarting.includes(family) || lasting.includes(family),
  );
  const again = stale.filter((family) => keep.includes(family) && !lasting.includes(family));
  if (again.length > 0 && !notification) {
    turn.act({ type: 'sweep-stale', families: again, reason: 'second-restart' });
  }
  turn.act({ type: 'session-down', keep, reason });
  turn.set({ stale: keep, longLived });
  for (const family of stale) if (!lasting.includes(family)) turn.disarm(longLivedTimer(family));
  if (!notification || keep.length === 0) turn.disarm('gr-stale');
  if (restarting.length > 0) {
    turn.arm('gr-restart', restartTime);
    if (notification && !turn.peer.armed.has('gr-stale')) {
      turn.arm('gr-stale', restartTime + settings.staleTime);
    }
  }
  for (const family of lasting) if (!restarting.includes(family)) beginLongLived(turn, family);
}

/** Families whose routes outlive the loss of the session. */
function keptFamilies(
  settings: SessionSettings,
  { gracefulRestart }: Negotiated,
): readonly Family[] {
  if (settings.gracefulRestart === undefined || gracefulRestart === undefined) return [];
  return gracefulRestart.restartTime > 0 ? gracefulRestart.families : [];
}

/** Families whose routes outlive the restart time: as long as the peer asks for, or as we allow. */
function longLivedFamilies(
  { longLivedGracefulRestart: ours }: SessionSettings,
  { gracefulRestart, longLivedGracefulRestart: theirs = [] }: Negotiated,
): PeerState['longLived'] {
  // RFC 9494 §3.1: of no use without capability 64.
  if (ours === undefined || gracefulRestart === undefined) return [];
  return theirs
    .map(({ family, staleTime }) => ({ family, seconds: Math.min(staleTime, ours.staleTime) }))
    .filter(({ seconds }) => seconds > 0);
}

/** The peer did not come back in its restart time: its routes go, or become long-lived stale. */
export function restartTimeOver(turn: Turn): void {
  const lasting = turn.peer.longLived.map(({ family }) => family);
  sweep(
    turn,
    turn.peer.stale.filter((family) => !lasting.includes(family)),
    'restart-time-over',
  );
  for (const family of lasting) beginLongLived(turn, family);
}

/** RFC 9494 §4.2: a timer that runs from an earlier loss goes on as it is. */
function beginLongLived(turn: Turn, family: Family): void {
  const { longLived, stale, armed } = turn.peer;
  const seconds = longLived.find((each) => each.family === family)?.seconds;
  if (seconds === undefined || !stale.includes(family)) return;
  turn.act({ type: 'long-lived-stale', family });
  if (!armed.has(longLivedTimer(family))) turn.arm(longLivedTimer(family), seconds);
  turn.because('long-lived-stale');
}

/** The session is back: families whose forwarding state the peer did not preserve go at once. */
export function sessionResumed(turn: Turn, negotiated: Negotiated): void {
  const { families, gracefulRestart, longLivedGracefulRestart = [] } = negotiated;
  turn.set({ own: { restarting: false, forwarding: families } });
  const preserved = (family: Family): boolean =>
    isLongLived(turn, family)
      ? longLivedGracefulRestart.some((each) => each.family === family && each.forwarding)
      : (gracefulRestart?.forwarding.includes(family) ?? false);
  const lost = turn.peer.stale.filter(
    (family) => gracefulRestart === undefined || !preserved(family),
  );
  sweep(turn, lost, 'forwarding-not-preserved');
  turn.disarm('gr-restart');
  if (turn.peer.stale.length > 0 && !turn.peer.armed.has('gr-stale')) {
    turn.arm('gr-stale', turn.peer.settings.staleTime);
  }
}

const isLongLived = ({ peer }: Turn, family: Family): boolean =>
  peer.armed.has(longLivedTimer(family));

/** End-of-RIB: what the peer did not announce again goes. */
export function endOfRib(turn: Turn, family: Family): void {
  complete(turn, family);
  if (turn.peer.stale.includes(family)) sweep(turn, [family], 'end-of-rib');
}

/** The End-of-RIB did not come in time; long-lived stale routes have a timer of their own. */
export function staleTimeOver(turn: Turn): void {
  const lost = turn.peer.stale.filter((family) => !isLongLived(turn, family));
  sweep(turn, lost, 'stale-time-over');
}

export function longLivedOver(turn: Turn, family: Family): void {
  sweep(turn, [family], 'long-lived-time-over');
}

function complete(turn: Turn, family: Family): void {
  const slot = establishedSlot(turn.peer);
  const connection = slot === undefined ? undefined : turn.peer[slot];
  if (slot === undefined || connection?.state !== 'established') return;
  if (connection.complete.includes(family)) return;
  turn.setConnection(slot, { ...connection, complete: [...connection.complete, family] });
}

/** Everything stale goes. */
export function sweepAll(turn: Turn, reason: SessionReason): void {
  sweep(turn, turn.peer.stale, reason);
}

function sweep(turn: Turn, families: readonly Family[], reason: SessionReason): void {
  if (families.length === 0) return;
  turn.act({ type: 'sweep-stale', families, reason });
  turn.set({ stale: turn.peer.stale.filter((family) => !families.includes(family)) });
  for (const family of families) turn.disarm(longLivedTimer(family));
  if (turn.peer.stale.length === 0) {
    turn.disarm('gr-restart');
    turn.disarm('gr-stale');
  }
  turn.because(reason);
}
