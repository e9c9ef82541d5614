import type { Family } from '../net/family.ts';
import type { OpenMessage } from '../wire/open.ts';
import type { SessionSettings } from './settings.ts';
import type { ConnectionTimer, OwnRestart, Slot, TimerName } from './state.ts';

/** How soon a session that the host ends may come back; `after` in seconds. */
export type Retry = 'at-once' | 'after-idle-hold' | { readonly after: number };

/** Everything that can happen to a peer. Events of a connection that is gone are ignored. */
export type SessionEvent =
  /** `own` says whether this process is recovering from a restart. */
  | { readonly type: 'start'; readonly own: OwnRestart }
  /** Disables the peer: with a Cease, or without a word on exit of the process. */
  | { readonly type: 'stop'; readonly cease: { subcode: number; data: Uint8Array } | 'silent' }
  /** New settings; `reset` is the Cease subcode if the session must be built again. */
  | {
      readonly type: 'reconfigure';
      readonly settings: SessionSettings;
      readonly reset: number | undefined;
    }
  /** Ends the session with a Cease: prefix limit, clear. */
  | {
      readonly type: 'cease';
      readonly subcode: number;
      readonly data: Uint8Array;
      readonly retry: Retry;
    }
  /** BFD says that the way to the peer is cut. */
  | { readonly type: 'bfd-down'; readonly detail: string }
  /** Cuts a wait after an error short: an operator asked, or the peer is known to be back. */
  | { readonly type: 'retry' }
  /** Our own restart is over: no R bit from now on. */
  | { readonly type: 'own-restart-over' }
  | {
      readonly type: 'timer';
      readonly timer: TimerName;
      /**
       * Seconds since the last message was heard (hold) or the last output was taken or none was
       * waiting (send-hold); undefined: for the whole period. Lets the host report UPDATEs late.
       */
      readonly quiet?: number;
      /** Received input waits to be read (hold). */
      readonly unread?: boolean;
    }
  /** The dial succeeded: the outgoing connection exists. */
  | { readonly type: 'connected' }
  | { readonly type: 'dial-failed'; readonly detail: string }
  /** The peer offers a connection; the answer is `accept` or `reject`. */
  | { readonly type: 'incoming' }
  /** The connection is gone without our doing. */
  | { readonly type: 'closed'; readonly slot: Slot; readonly detail: string }
  | { readonly type: 'open'; readonly slot: Slot; readonly open: OpenMessage }
  | { readonly type: 'keepalive'; readonly slot: Slot }
  | { readonly type: 'update'; readonly slot: Slot }
  | {
      readonly type: 'route-refresh';
      readonly slot: Slot;
      /** Undefined: one that bengal does not route. */
      readonly family: Family | undefined;
      readonly subtype: number;
    }
  | {
      readonly type: 'notification';
      readonly slot: Slot;
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
    }
  /** A message or header that cannot be read; code, subcode and data as the wire room judged. */
  | {
      readonly type: 'malformed';
      readonly slot: Slot;
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
      readonly detail: string;
    }
  /** The peer's End-of-RIB of a family arrived. */
  | { readonly type: 'end-of-rib'; readonly family: Family };

/** An event of one connection. */
export type ConnectionEvent = Extract<SessionEvent, { readonly slot: Slot }>;

/** Expiry of one connection's timer. */
export interface Expiry {
  readonly type: 'expired';
  readonly timer: ConnectionTimer;
  readonly quiet: number | undefined;
  readonly unread: boolean;
}

/** What a connection's state decides; the loss of the connection is the same in all of them. */
export type StateEvent =
  | Exclude<ConnectionEvent, { readonly type: 'closed' | 'notification' | 'malformed' }>
  | Expiry;
