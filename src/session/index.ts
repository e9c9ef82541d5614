/** `bengal/session`: the RFC 4271 FSM as a pure function of state and event. */
export type { SessionAction, Step } from './action.ts';
export { buildOpen } from './build-open.ts';
export type { SessionEvent } from './event.ts';
export { negotiate } from './negotiate.ts';
export type { Negotiated } from './negotiated.ts';
export { SESSION_REASONS, type SessionReason } from './reason.ts';
export { DEFAULT_SETTINGS, type SessionSettings } from './settings.ts';
export { establishedSlot, type FsmState, fsmState, newPeer, type PeerState } from './state.ts';
export { step } from './step.ts';
