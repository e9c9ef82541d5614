import {
  ADMINISTRATIVELY_DOWN,
  DETECTION_TIME_EXPIRED,
  NEIGHBOR_SIGNALED_DOWN,
  NO_DIAGNOSTIC,
} from './diagnostic.ts';
import type { ControlPacket } from './packet.ts';
import type { BfdReason } from './reason.ts';
import {
  type Remote,
  type Session,
  type SessionSettings,
  type SessionState,
  UNHEARD,
} from './session-state.ts';
import { desiredMinTx, detectionTime, jitterOf, transmitInterval } from './timing.ts';

export type SessionEvent =
  | { readonly type: 'start' }
  /** An acceptable packet that was found to belong to this session. */
  | { readonly type: 'packet'; readonly packet: ControlPacket }
  | { readonly type: 'transmit-due' }
  | { readonly type: 'detection-time-expired' }
  | { readonly type: 'configure'; readonly settings: SessionSettings }
  /** Switches the session off for good: AdminDown is told until the host forgets it. */
  | { readonly type: 'stop' };

export type SessionAction =
  | { readonly type: 'send'; readonly packet: ControlPacket }
  /** Starts the timer anew, to expire at random between the two numbers of microseconds. */
  | {
      readonly type: 'arm';
      readonly timer: 'transmit' | 'detect';
      readonly least: number;
      readonly most: number;
    }
  | { readonly type: 'disarm'; readonly timer: 'transmit' };

export interface Step {
  readonly session: Session;
  readonly actions: readonly SessionAction[];
  readonly reason: BfdReason;
}

type Change = readonly [session: Session, reason: BfdReason];

export function newSession(localDiscriminator: number, settings: SessionSettings): Session {
  return {
    settings,
    localDiscriminator,
    state: 'down',
    diagnostic: NO_DIAGNOSTIC,
    remote: UNHEARD,
    polling: false,
    next: undefined,
    inForce: inForceAt('down', settings),
  };
}

/** The state machine of RFC 5880 §6.8: what an event makes of a session, and what is to be done. Pure. */
export function step(session: Session, event: SessionEvent): Step {
  const [next, reason] = change(session, event);
  return {
    session: next,
    actions: [...sends(session, next, event), ...timers(session, next, event)],
    reason,
  };
}

function change(session: Session, event: SessionEvent): Change {
  switch (event.type) {
    case 'start':
      return [session, 'started'];
    case 'packet':
      return receive(session, event.packet);
    case 'transmit-due':
      return [session, 'transmitted'];
    case 'detection-time-expired':
      return expire({ ...session, remote: UNHEARD });
    case 'configure':
      return configure(session, event.settings);
    case 'stop':
      return [enter(session, 'admin-down', ADMINISTRATIVELY_DOWN), 'stopped'];
  }
}

/** RFC 5880 §6.8.6, from where the session is found. */
function receive(before: Session, packet: ControlPacket): Change {
  const session = { ...before, remote: remoteOf(packet) };
  if (session.state === 'admin-down') return [session, 'admin-down'];
  const { state } = packet;
  if (state === 'admin-down' || (state === 'down' && session.state === 'up')) {
    if (session.state === 'down') return [session, 'heard'];
    const reason = state === 'admin-down' ? 'neighbor-admin-down' : 'neighbor-signaled-down';
    return [enter(session, 'down', NEIGHBOR_SIGNALED_DOWN), reason];
  }
  if (session.state === 'down' && state === 'down')
    return [enter(session, 'init', session.diagnostic), 'neighbor-awaits-us'];
  if (
    (session.state === 'down' && state === 'init') ||
    (session.state === 'init' && state !== 'down')
  )
    return [enter(session, 'up', NO_DIAGNOSTIC), 'both-heard'];
  return packet.final && session.polling ? endPoll(session) : [session, 'heard'];
}

function expire(session: Session): Change {
  if (session.state !== 'init' && session.state !== 'up') return [session, 'unchanged'];
  return [enter(session, 'down', DETECTION_TIME_EXPIRED), 'detection-time-expired'];
}

function configure(session: Session, settings: SessionSettings): Change {
  if (session.polling) return [{ ...session, next: settings }, 'reconfiguration-waits'];
  return [announce(session, settings), 'reconfigured'];
}

function endPoll(session: Session): Change {
  const { settings, next } = session;
  const ended = { ...session, polling: false, inForce: inForceAt('up', settings) };
  if (next === undefined) return [ended, 'poll-ended'];
  return [announce({ ...ended, next: undefined }, next), 'reconfigured'];
}

/**
 * New settings of a session that is up are told by a Poll Sequence; until it is over we send no less
 * often than before and expect no more (RFC 5880 §6.8.3).
 */
function announce(session: Session, settings: SessionSettings): Session {
  if (session.state !== 'up') {
    return { ...session, settings, inForce: inForceAt(session.state, settings) };
  }
  const { inForce } = session;
  return {
    ...session,
    settings,
    polling: true,
    inForce: {
      desiredMinTx: Math.min(inForce.desiredMinTx, settings.desiredMinTx),
      requiredMinRx: Math.max(inForce.requiredMinRx, settings.requiredMinRx),
    },
  };
}

/** A session that comes up tells its faster pace by a Poll Sequence; one that goes down ends it. */
function enter(session: Session, state: SessionState, diagnostic: number): Session {
  const settings = session.next ?? session.settings;
  return {
    ...session,
    settings,
    state,
    diagnostic,
    polling: state === 'up',
    next: undefined,
    inForce: inForceAt(state, settings),
  };
}

/** A packet goes out at once when it says something new, and in answer to a Poll. */
function* sends(before: Session, after: Session, event: SessionEvent): Generator<SessionAction> {
  const answer = event.type === 'packet' && event.packet.poll && after.state !== 'admin-down';
  if (answer) {
    yield { type: 'send', packet: packetOf(after, 'final') };
  } else if (event.type === 'start' || event.type === 'transmit-due' || saysMore(before, after)) {
    yield { type: 'send', packet: packetOf(after, after.polling ? 'poll' : 'plain') };
  }
}

const saysMore = (before: Session, after: Session): boolean =>
  after.state !== before.state ||
  after.settings !== before.settings ||
  (after.polling && !before.polling);

function* timers(before: Session, after: Session, event: SessionEvent): Generator<SessionAction> {
  if (event.type === 'packet' && after.state !== 'admin-down') {
    const time = detectionTime(after);
    yield { type: 'arm', timer: 'detect', least: time, most: time };
  }
  const interval = transmitInterval(after);
  const known = transmitInterval(before);
  if (interval === undefined) {
    if (known !== undefined) yield { type: 'disarm', timer: 'transmit' };
    return;
  }
  const due = event.type === 'start' || event.type === 'transmit-due';
  if (due || known === undefined || interval < known) {
    const [least, most] = jitterOf(after.settings);
    yield { type: 'arm', timer: 'transmit', least: interval * least, most: interval * most };
  }
}

const inForceAt = (state: SessionState, settings: SessionSettings): Session['inForce'] => ({
  desiredMinTx: desiredMinTx(state, settings),
  requiredMinRx: settings.requiredMinRx,
});

const remoteOf = (packet: ControlPacket): Remote => ({
  discriminator: packet.myDiscriminator,
  state: packet.state,
  diagnostic: packet.diagnostic,
  desiredMinTx: packet.desiredMinTx,
  requiredMinRx: packet.requiredMinRx,
  detectMultiplier: packet.detectMultiplier,
  demand: packet.demand,
  controlPlaneIndependent: packet.controlPlaneIndependent,
});

/** We share fate with our control plane, never ask for Demand mode and offer no Echo function. */
const packetOf = (session: Session, kind: 'plain' | 'poll' | 'final'): ControlPacket => ({
  state: session.state,
  diagnostic: session.diagnostic,
  poll: kind === 'poll',
  final: kind === 'final',
  controlPlaneIndependent: false,
  demand: false,
  detectMultiplier: session.settings.detectMultiplier,
  myDiscriminator: session.localDiscriminator,
  yourDiscriminator: session.remote.discriminator,
  desiredMinTx: desiredMinTx(session.state, session.settings),
  requiredMinRx: session.settings.requiredMinRx,
  requiredMinEchoRx: 0,
});
