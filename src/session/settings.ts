import type { Family } from '../net/family.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';

/** What one session is configured to be, with every default resolved. Times are seconds. */
export interface SessionSettings {
  readonly localAsn: number;
  /** RFC 4271 §4.2, dotted quad as a number. */
  readonly routerId: number;
  readonly remoteAsn: number;
  /** False: never dials (a passive or a dynamic peer). */
  readonly dial: boolean;
  readonly families: readonly Family[];
  /** Proposed; 0 for a session without keepalives. */
  readonly holdTime: number;
  /** The peer's proposal must not be lower (0 is always allowed); 3 is the least. */
  readonly minHoldTime: number;
  /** Undefined: a third of the negotiated hold time. */
  readonly keepaliveTime: number | undefined;
  /** RFC 9687. Undefined: the larger of 480 s and twice the hold time; 0: off. */
  readonly sendHoldTime: number | undefined;
  readonly connectRetryTime: number;
  /** Wait after an error, doubling from `min` to `max`; `max` 0 means none at all. */
  readonly errorWait: { readonly min: number; readonly max: number };
  readonly addPath: { readonly send: boolean; readonly receive: boolean };
  /** Undefined: neither capability 64 is sent nor are a lost peer's routes kept. */
  readonly gracefulRestart:
    | {
        readonly restartTime: number;
        /** N bit, RFC 8538: where both send it, a NOTIFICATION is no reason to drop routes. */
        readonly notification: boolean;
      }
    | undefined;
  /** RFC 9494: announced, and the most that a peer's routes are kept. Undefined: none are. */
  readonly longLivedGracefulRestart: { readonly staleTime: number } | undefined;
  /** Longest time that routes of a restarted peer stay stale while its End-of-RIB is awaited. */
  readonly staleTime: number;
  /** Capability 70, RFC 7313. */
  readonly enhancedRefresh: boolean;
  /** Capability 6, RFC 8654. */
  readonly extendedMessages: boolean;
  /** Capability 5 for IPv4 unicast with IPv6 next hops, RFC 8950. */
  readonly extendedNextHop: boolean;
  /** Capability 9, RFC 9234: what we are to the peer; undefined: not told. */
  readonly role: BgpRole | undefined;
  /** The peer must tell its role. */
  readonly roleRequired: boolean;
  /** Capability 73, a host name of at most 64 octets; undefined: not sent. */
  readonly hostName: string | undefined;
  /** Capability 75, at most 64 octets; undefined: not sent. */
  readonly software: string | undefined;
}

/** Seconds after which an error no longer lengthens the wait after the next one. */
export const ERROR_FORGET_TIME = 300;

/** The hold time while an OPEN is awaited, RFC 4271 §8.2.2: "a large value". */
export const OPEN_HOLD_TIME = 240;

/** What a plain speaker uses where its configuration says nothing else. */
export const DEFAULT_SETTINGS: Omit<
  SessionSettings,
  'localAsn' | 'routerId' | 'remoteAsn' | 'families'
> = {
  dial: true,
  holdTime: 90,
  minHoldTime: 3,
  keepaliveTime: undefined,
  sendHoldTime: undefined,
  connectRetryTime: 5,
  errorWait: { min: 5, max: 30 },
  addPath: { send: false, receive: false },
  gracefulRestart: { restartTime: 120, notification: true },
  longLivedGracefulRestart: undefined,
  staleTime: 180,
  enhancedRefresh: true,
  extendedMessages: false,
  extendedNextHop: false,
  role: undefined,
  roleRequired: false,
  hostName: undefined,
  software: undefined,
};
