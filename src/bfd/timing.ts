import type { Session, SessionSettings, SessionState } from './session-state.ts';

/** Until a session is up nobody sends more often than this, RFC 5880 §6.8.3; microseconds. */
const SLOW_INTERVAL = 1_000_000;

/** bfd.DesiredMinTxInterval in a state, in microseconds. */
export const desiredMinTx = (state: SessionState, settings: SessionSettings): number =>
  state === 'up' ? settings.desiredMinTx : Math.max(SLOW_INTERVAL, settings.desiredMinTx);

/**
 * Microseconds between our periodic packets before jitter, RFC 5880 §6.8.7; undefined where the
 * peer wants none: it takes no packets at all, or polls when it wants one (Demand mode).
 */
export function transmitInterval(session: Session): number | undefined {
  const { remote, state, polling, inForce } = session;
  if (remote.requiredMinRx === 0) return undefined;
  const demanded = remote.demand && state === 'up' && remote.state === 'up';
  if (demanded && !polling) return undefined;
  return Math.max(inForce.desiredMinTx, remote.requiredMinRx);
}

/** Microseconds of silence after which the peer is gone, RFC 5880 §6.8.4. */
export const detectionTime = ({ remote, inForce }: Session): number =>
  remote.detectMultiplier * Math.max(inForce.requiredMinRx, remote.desiredMinTx);

/** Shares of the interval between which the next packet goes, RFC 5880 §6.8.7. */
export const jitterOf = ({ detectMultiplier }: SessionSettings): readonly [number, number] =>
  detectMultiplier === 1 ? [0.75, 0.9] : [0.75, 1];

/**
 * Microseconds for which AdminDown must be told before a session is forgotten, so that the peer does
 * not take the end for a failure (RFC 5880 §6.8.16); 0 when the peer was not heard.
 */
export const farewellTime = (session: Session): number =>
  session.remote.discriminator === 0
    ? 0
    : session.settings.detectMultiplier * (transmitInterval(session) ?? 0);
