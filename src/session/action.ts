import type { Family } from '../net/family.ts';
import type { OpenMessage } from '../wire/open.ts';
import type { Negotiated } from './negotiated.ts';
import type { SessionReason } from './reason.ts';
import type { PeerState, Slot, TimerName } from './state.ts';

/** What the host must do, in this order. */
export type SessionAction =
  /** Dials; the answer is `connected` or `dial-failed`. */
  | { readonly type: 'dial' }
  /** Gives up the outstanding dial; no answer follows. */
  | { readonly type: 'cancel-dial' }
  /** Takes the offered connection into the slot `incoming`. */
  | { readonly type: 'accept' }
  /** Closes the offered connection. */
  | { readonly type: 'reject' }
  /** From now on messages of up to `maxMessage` octets are accepted (RFC 8654 §4). */
  | {
      readonly type: 'send-open';
      readonly slot: Slot;
      readonly open: OpenMessage;
      readonly maxMessage: number;
    }
  | { readonly type: 'send-keepalive'; readonly slot: Slot }
  /** Sends a NOTIFICATION and closes once it is delivered. The slot is free at once. */
  | {
      readonly type: 'notify-and-close';
      readonly slot: Slot;
      readonly code: number;
      readonly subcode: number;
      readonly data: Uint8Array;
    }
  /** Closes without a word. The slot is free at once. */
  | { readonly type: 'close'; readonly slot: Slot }
  /** Starts the timer, or starts it again; with `jitter` the host multiplies by 0.75 to 1. */
  | {
      readonly type: 'arm';
      readonly timer: TimerName;
      readonly seconds: number;
      readonly jitter: boolean;
    }
  | { readonly type: 'disarm'; readonly timer: TimerName }
  /** The session is established: UPDATEs may flow. */
  | { readonly type: 'session-up'; readonly slot: Slot; readonly negotiated: Negotiated }
  /** The established session ended: routes of `keep` become stale, all others of the peer go. */
  | {
      readonly type: 'session-down';
      readonly keep: readonly Family[];
      readonly reason: SessionReason;
    }
  /** The peer asks for a family's routes once more (RFC 2918). */
  | { readonly type: 'resend'; readonly family: Family }
  /** The peer sends a family again from its beginning: its routes are marked (RFC 7313 §4). */
  | { readonly type: 'mark-refresh'; readonly family: Family }
  /** The peer has sent the family again: routes that are still marked go. */
  | { readonly type: 'sweep-refresh'; readonly family: Family }
  /** Stale routes of the family are kept as routes of last resort (RFC 9494 §4.2). */
  | { readonly type: 'long-lived-stale'; readonly family: Family }
  /** Routes of these families that are still stale go. */
  | {
      readonly type: 'sweep-stale';
      readonly families: readonly Family[];
      readonly reason: SessionReason;
    };

/** The outcome of one event. */
export interface Step {
  readonly state: PeerState;
  readonly actions: readonly SessionAction[];
  readonly reason: SessionReason;
  /** What the reason does not say, safe to print; empty if nothing. */
  readonly detail: string;
}
