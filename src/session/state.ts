import type { Family } from '../net/family.ts';
import type { OpenMessage } from '../wire/open.ts';
import type { Negotiated } from './negotiated.ts';
import type { SessionReason } from './reason.ts';
import type { SessionSettings } from './settings.ts';

/** Which of a peer's two possible connections: the one we dialled or the one it dialled. */
export type Slot = 'outgoing' | 'incoming';

/** What a peer does about getting a connection, RFC 4271 §8.2.2. */
export type Approach = 'idle' | 'connect' | 'active';

/** The state of a peer as operators know it: that of its most advanced connection. */
export type FsmState = Approach | 'open-sent' | 'open-confirm' | 'established';

export type PeerTimer =
  | 'connect-retry'
  | 'idle-hold'
  | 'error-forget'
  /** The peer's restart time: it must be back by then. */
  | 'gr-restart'
  /** The peer is back: its End-of-RIB must come by then. */
  | 'gr-stale'
  /** Long-lived stale routes of a family may be kept so long (RFC 9494). */
  | `llgr-${Family}`;

export type ConnectionTimer =
  | 'open-hold'
  | 'hold'
  | 'keepalive'
  | 'send-hold'
  /** The peer sends a family again: its end must come by then (RFC 7313 §4). */
  | `refresh-${Family}`;

/** Unique within a peer. */
export type TimerName = PeerTimer | `${Slot}/${ConnectionTimer}`;

/** A TCP connection that exists, by the state of its session. */
export type Connection =
  | { readonly state: 'open-sent'; readonly sent: OpenMessage }
  | { readonly state: 'open-confirm'; readonly negotiated: Negotiated; readonly postponed: boolean }
  | {
      readonly state: 'established';
      readonly negotiated: Negotiated;
      /** The hold timer expired once while input was unread; nothing was heard since. */
      readonly postponed: boolean;
      /** Something was heard on the established session, or an incoming connection refused. */
      readonly settled: boolean;
      /** Families of which the End-of-RIB has come. */
      readonly complete: readonly Family[];
      /** Families that the peer is sending again, between BoRR and EoRR (RFC 7313). */
      readonly refreshing: readonly Family[];
    };

/** A NOTIFICATION as last sent or received, for display. */
export interface NotificationRecord {
  readonly direction: 'sent' | 'received';
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  /** In words, with the shutdown communication (RFC 9003) where there is one; safe to print. */
  readonly text: string;
}

/** Our own restart, RFC 4724 §4.1: what an OPEN says about it. */
export interface OwnRestart {
  /** Sets the R bit. */
  readonly restarting: boolean;
  /** Families with the F bit: their FIB entries are in place. */
  readonly forwarding: readonly Family[];
}

/** Everything that the FSM knows of one peer. Immutable: `step` returns the next one. */
export interface PeerState {
  readonly settings: SessionSettings;
  readonly enabled: boolean;
  readonly approach: Approach;
  /** We ended its session, and it may not come back before the wait in Idle is over. */
  readonly barred: boolean;
  /** False after an error that no retry can cure: waits for the peer or for a new configuration. */
  readonly mayDial: boolean;
  readonly outgoing: Connection | undefined;
  readonly incoming: Connection | undefined;
  readonly armed: ReadonlySet<TimerName>;
  /** Length of the last wait after an error, 0 if it is forgotten. */
  readonly lastErrorWait: number;
  readonly own: OwnRestart;
  /** Families whose routes of the previous session are kept, marked stale. */
  readonly stale: readonly Family[];
  /** Of these, families whose routes outlive the restart time (RFC 9494), and for how long. */
  readonly longLived: readonly { readonly family: Family; readonly seconds: number }[];
  readonly lastNotification: NotificationRecord | undefined;
  /** Why the last established session, or attempt at one, ended. */
  readonly lastError: { readonly reason: SessionReason; readonly detail: string } | undefined;
}

const NOT_RESTARTING: OwnRestart = { restarting: false, forwarding: [] };

/** A peer that was configured and not yet started. */
export function newPeer(settings: SessionSettings): PeerState {
  return {
    settings,
    enabled: false,
    approach: 'idle',
    barred: false,
    mayDial: true,
    outgoing: undefined,
    incoming: undefined,
    armed: new Set(),
    lastErrorWait: 0,
    own: NOT_RESTARTING,
    stale: [],
    longLived: [],
    lastNotification: undefined,
    lastError: undefined,
  };
}

const RANK: Readonly<Record<FsmState, number>> = {
  idle: 0,
  connect: 1,
  active: 2,
  'open-sent': 3,
  'open-confirm': 4,
  established: 5,
};

/** The state of the peer's most advanced connection, else what it does about getting one. */
export function fsmState({ approach, outgoing, incoming }: PeerState): FsmState {
  const first = outgoing?.state ?? approach;
  const second = incoming?.state ?? approach;
  return RANK[second] > RANK[first] ? second : first;
}

/** The established connection, if there is one. */
export function establishedSlot({ outgoing, incoming }: PeerState): Slot | undefined {
  if (outgoing?.state === 'established') return 'outgoing';
  return incoming?.state === 'established' ? 'incoming' : undefined;
}

export const otherSlot = (slot: Slot): Slot => (slot === 'outgoing' ? 'incoming' : 'outgoing');
