import type { BfdPath } from './network.ts';
import type { BfdReason } from './reason.ts';
import type { SessionSettings, SessionState } from './session-state.ts';

/*
 * What passes between the speaker and the engine, which may be in another thread: plain data.
 */

export type BfdCommand =
  | {
      readonly type: 'open';
      readonly id: number;
      readonly path: BfdPath;
      readonly settings: SessionSettings;
    }
  | { readonly type: 'configure'; readonly id: number; readonly settings: SessionSettings }
  /** Ends a session so that the peer does not take it for a failure. */
  | { readonly type: 'close'; readonly id: number }
  /** Ends all of them at once; the answer is `ended`. */
  | { readonly type: 'end' };

export type BfdReport =
  | { readonly type: 'status'; readonly id: number; readonly status: SessionStatus }
  | { readonly type: 'counters'; readonly counters: readonly SessionCounters[] }
  | { readonly type: 'ended' };

/** A session as it is seen from outside; intervals are milliseconds. */
export interface SessionStatus {
  readonly state: SessionState;
  /** Why it entered this state. */
  readonly reason: BfdReason;
  /** Why there can be no session at all, for a person. */
  readonly fault: string | undefined;
  /** Milliseconds since the packet before the event that this tells of; undefined: there was none. */
  readonly quiet: number | undefined;
  readonly remoteState: SessionState | undefined;
  /** RFC 5880 §4.1, as the peer gives it. */
  readonly remoteDiagnostic: number;
  /** The peer's BFD outlives its control plane: the C bit. */
  readonly controlPlaneIndependent: boolean;
  /** Undefined where we send none by ourselves. */
  readonly transmitInterval: number | undefined;
  /** Undefined while the peer is not heard. */
  readonly detectionTime: number | undefined;
}

export interface SessionCounters {
  readonly id: number;
  readonly sent: number;
  readonly received: number;
}

/** A session of which nothing is known yet. */
export const UNKNOWN_STATUS: SessionStatus = {
  state: 'down',
  reason: 'started',
  fault: undefined,
  quiet: undefined,
  remoteState: undefined,
  remoteDiagnostic: 0,
  controlPlaneIndependent: false,
  transmitInterval: undefined,
  detectionTime: undefined,
};
