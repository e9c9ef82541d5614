/** Why a session did what it did: stable names, each with a code and one line of text. */
const REASONS = {
  unchanged: [0, 'nothing changed'],
  started: [1, 'the session was configured and the peer is awaited'],
  heard: [2, 'a packet of the peer'],
  transmitted: [3, 'a periodic packet was due'],
  'neighbor-awaits-us': [4, 'the peer was heard and does not hear us yet'],
  'both-heard': [5, 'both sides hear each other'],
  'detection-time-expired': [6, 'nothing was heard for the detection time'],
  'neighbor-signaled-down': [7, 'the peer says that its session is down'],
  'neighbor-admin-down': [8, 'the peer switched its session off'],
  stopped: [9, 'the session was switched off here'],
  reconfigured: [10, 'the timers changed'],
  'reconfiguration-waits': [11, 'the timers change when the peer has confirmed the last change'],
  'poll-ended': [12, 'the peer confirmed our timers'],
  'admin-down': [13, 'the session is switched off here: packets are ignored'],
} as const;

export type BfdReason = keyof typeof REASONS;

/** Code and text of every reason, by its stable name. */
export const BFD_REASONS: Readonly<Record<BfdReason, readonly [code: number, text: string]>> =
  REASONS;
