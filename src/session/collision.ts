import type { Negotiated } from './negotiated.ts';
import { otherSlot, type PeerState, type Slot } from './state.ts';

export type CollisionVerdict = 'none' | 'close-this' | 'close-other';

/**
 * Which of two connections stays when an OPEN arrives on `slot`, RFC 4271 §6.8: an established one
 * always; against one in OpenConfirm, that dialled by the speaker with the higher identifier.
 */
export function judgeCollision(
  peer: PeerState,
  slot: Slot,
  negotiated: Negotiated,
): CollisionVerdict {
  const other = peer[otherSlot(slot)];
  if (other === undefined || other.state === 'open-sent') return 'none';
  if (other.state === 'established') return 'close-this';
  const kept: Slot = localWins(peer, negotiated) ? 'outgoing' : 'incoming';
  return kept === slot ? 'close-other' : 'close-this';
}

/** RFC 6286 §2.3: identifiers as unsigned numbers; where they are equal, AS numbers. */
function localWins(
  { settings }: PeerState,
  { remoteId, localAsn, remoteAsn }: Negotiated,
): boolean {
  if (settings.routerId !== remoteId) return settings.routerId > remoteId;
  return localAsn > remoteAsn;
}
