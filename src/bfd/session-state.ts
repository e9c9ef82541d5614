/** bfd.SessionState, RFC 5880 §6.8.1. */
export type SessionState = 'admin-down' | 'down' | 'init' | 'up';

/** What one session is configured to be; intervals are microseconds, as on the wire. */
export interface SessionSettings {
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
  readonly detectMultiplier: number;
}

/** What the peer said last. */
export interface Remote {
  readonly discriminator: number;
  readonly state: SessionState;
  readonly diagnostic: number;
  readonly desiredMinTx: number;
  readonly requiredMinRx: number;
  readonly detectMultiplier: number;
  readonly demand: boolean;
  readonly controlPlaneIndependent: boolean;
}

/** Everything that the state machine knows of one session. Immutable: `step` returns the next one. */
export interface Session {
  readonly settings: SessionSettings;
  readonly localDiscriminator: number;
  readonly state: SessionState;
  readonly diagnostic: number;
  readonly remote: Remote;
  /** Our Poll Sequence is under way, RFC 5880 §6.5. */
  readonly polling: boolean;
  /** Settings that wait for the end of the Poll Sequence. */
  readonly next: SessionSettings | undefined;
  /** What counts until the Poll Sequence is over, where it differs from what is announced. */
  readonly inForce: Pick<SessionSettings, 'desiredMinTx' | 'requiredMinRx'>;
}

/** A peer that was not heard within the detection time; the values of RFC 5880 §6.8.1. */
export const UNHEARD: Remote = {
  discriminator: 0,
  state: 'down',
  diagnostic: 0,
  desiredMinTx: 0,
  requiredMinRx: 1,
  detectMultiplier: 0,
  demand: false,
  controlPlaneIndependent: false,
};
