import type { Family } from '../net/family.ts';

/** Where a peer comes from, as in Calico's names; `configured` is a plain speaker's. */
export type PeerType = 'mesh' | 'node' | 'global' | 'client' | 'configured' | 'dynamic';

export type PeerState = 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';

/** States of RFC 5880 §6.8.1. */
export type BfdState = 'AdminDown' | 'Down' | 'Init' | 'Up';

export interface PeerStatus {
  readonly name: string;
  readonly type: PeerType;
  readonly kind: 'ibgp' | 'ebgp';
  readonly address: string;
  readonly port: number;
  readonly interface?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly asn: number;
  readonly localAsn: number;
  readonly reflectorClient: boolean;
  readonly passive: boolean;
  /** Hops (TTL) of the session; absent with TTL security (RFC 5082). */
  readonly multihop?: number;
  /** BGP identifier of the last OPEN received. */
  readonly routerId?: string;
  readonly state: PeerState;
  /** Why it is in this state, one line; why it is down, or what it waits for. */
  readonly reason: string;
  /** When it came up, or went down. */
  readonly since: string;
  readonly lastError?: { readonly at: string; readonly text: string };
  readonly lastNotification?: NotificationStatus;
  /** Times that the session left Established. */
  readonly flaps: number;
  readonly families: readonly PeerFamily[];
  readonly messages: {
    readonly received: MessageCounts;
    readonly sent: MessageCounts;
  };
  /** What RFC 7606 repaired, by remedy. */
  readonly malformed: Readonly<Record<string, number>>;
  /** As configured, and as read from the last OPEN; undefined before there was one. */
  readonly capabilities: {
    readonly ours: readonly CapabilityStatus[];
    readonly theirs?: readonly CapabilityStatus[];
  };
  readonly timers: PeerTimers;
  readonly updateGroup?: UpdateGroupStatus;
  /** Absent for peers without BFD. */
  readonly bfd?: BfdPeerStatus;
  /** Octets queued and not yet taken by the kernel. */
  readonly queuedBytes: number;
  readonly gracefulRestart?: {
    readonly role: 'helper' | 'restarter';
    readonly staleRoutes: number;
    readonly secondsLeft: number;
  };
}

export interface NotificationStatus {
  readonly direction: 'received' | 'sent';
  readonly at: string;
  readonly code: number;
  readonly subcode: number;
  /** Code and subcode in words, as `Cease / Administrative Shutdown`. */
  readonly text: string;
  /** RFC 9003, as the peer wrote it. */
  readonly communication?: string;
}

/** BFD of a peer; intervals are milliseconds, absent before the peer was heard. */
export interface BfdPeerStatus {
  readonly state: BfdState;
  /** Why it is in this state, or cannot run; one line. */
  readonly reason: string;
  readonly since: string;
  readonly hops: 'single' | 'multiple';
  readonly remoteState?: BfdState;
  readonly remoteDiagnostic?: string;
  readonly transmitInterval?: number;
  readonly detectionTime?: number;
  /** Times that it found the way to the peer cut. */
  readonly failures: number;
  readonly packets: { readonly sent: number; readonly received: number };
}

/** Routes of one family by stage; all 0 while the session is down. */
export interface PeerFamily {
  readonly family: Family;
  readonly negotiated: boolean;
  readonly received: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly sent: number;
  readonly endOfRibReceived: boolean;
  readonly endOfRibSent: boolean;
}

export interface MessageCounts {
  readonly open: number;
  readonly update: number;
  readonly notification: number;
  readonly keepalive: number;
  readonly routeRefresh: number;
}

export interface CapabilityStatus {
  readonly code: number;
  /** Stable kebab-case name; `unknown` for codes that bengal does not know. */
  readonly name: string;
  /** Its value in words; empty for capabilities without one. */
  readonly detail: string;
}

/** In seconds; negotiated values are absent before OPEN, the `…Left` ones when not running. */
export interface PeerTimers {
  readonly configuredHoldTime: number;
  readonly holdTime?: number;
  readonly keepaliveTime?: number;
  readonly holdLeft?: number;
  readonly keepaliveLeft?: number;
  readonly connectRetryLeft?: number;
  readonly idleHoldLeft?: number;
}

export interface UpdateGroupStatus {
  readonly id: number;
  readonly members: number;
  /** Fields of the group key that no other peer shares; empty when it has company. */
  readonly aloneBecause: readonly string[];
}
