import type { Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';

/**
 * What the server reads of a running daemon; it is implemented over the speaker and the agent.
 * Rows are plain JSON: times are ISO 8601 text, durations seconds, an absent field is unknown.
 * Text that a peer chose is given as received; whoever prints it escapes it.
 */
export interface SpeakerView {
  status(): SpeakerStatus;
  /** In the order of the configuration, dynamic peers last. */
  peers(): readonly PeerStatus[];
  /**
   * The rows of a query. The server takes a few at a time between turns of the event loop, so the
   * iterator must survive changes of the table: a row that moves may be missed or seen twice.
   */
  routes(query: RouteQuery): Iterable<RouteRow>;
  /** The configuration in force in its written form, secrets redacted. */
  config(): object;
  readiness(): Readiness;
  metrics(): Iterable<MetricFamily>;
}

export interface SpeakerStatus {
  readonly command: 'node' | 'reflector' | 'speaker';
  /** Node name, or router id of a plain speaker. */
  readonly name: string;
  readonly version: string;
  readonly asn: number;
  readonly routerId: string;
  readonly clusterId?: string;
  readonly startedAt: string;
  /** `restarting` while graceful restart defers route selection (RFC 4724 §4.1). */
  readonly state: 'starting' | 'waiting-for-datastore' | 'restarting' | 'running';
  readonly listening: readonly { readonly address: string; readonly port: number }[];
  readonly configuredAt?: string;
  /** The datastore's view, absent for a plain speaker. */
  readonly datastore?: {
    readonly inSync: boolean;
    readonly since: string;
    readonly detail: string;
  };
  readonly peers: { readonly configured: number; readonly established: number };
  readonly tables: readonly {
    readonly family: Family;
    readonly prefixes: number;
    readonly paths: number;
  }[];
  /** Routes by fate, absent without a FIB. */
  readonly kernel?: {
    readonly wanted: number;
    readonly installed: number;
    readonly failed: number;
  };
  /** Whatever an operator should know: objects taken as absent, features that the platform lacks. */
  readonly warnings: readonly string[];
}

/** Where a peer comes from, as in Calico's names; `configured` is a plain speaker's. */
export type PeerType = 'mesh' | 'node' | 'global' | 'client' | 'configured' | 'dynamic';

export type PeerState = 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';

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

export interface RouteQuery {
  /** `table`: all paths; `in`: as received from `peer`; `out`: as sent to `peer`. */
  readonly view: 'table' | 'in' | 'out';
  /** A peer's name; always given with `in` and `out`. */
  readonly peer: string | undefined;
  /** Only what import (or export) policy or a safety check refused. */
  readonly filtered: boolean;
  /** Exactly this prefix; undefined means all. */
  readonly prefix: Prefix | undefined;
}

export interface RouteRow {
  readonly prefix: string;
  readonly family: Family;
  /** RFC 7911, where the peer sends or is sent one. */
  readonly pathId?: number;
  readonly source: 'direct' | 'static' | 'kernel' | 'bgp';
  /** Name of the peer that it was learned from; absent for local routes. */
  readonly peer?: string;
  readonly state: 'best' | 'equal' | 'candidate' | 'rejected' | 'unresolved';
  /** Reason code by its kebab-case name: why it is best, not best, or refused. */
  readonly reason: string;
  readonly stale: boolean;
  readonly nextHop?: string;
  /** Outgoing interface of a local route. */
  readonly interface?: string;
  /** Kernel metric of a local route. */
  readonly metric?: number;
  readonly origin?: 'igp' | 'egp' | 'incomplete';
  /** As `65001 65002 {65003 65004}`; empty for a route of our own AS. */
  readonly asPath?: string;
  readonly localPref?: number;
  readonly med?: number;
  /** As `64512:1`, large ones as `64512:1:2`. */
  readonly communities?: readonly string[];
  readonly originatorId?: string;
  readonly clusterList?: readonly string[];
  readonly since: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

export interface ReadinessCheck {
  /** Stable kebab-case name. */
  readonly name: string;
  readonly ok: boolean;
  /** What it waits for, or how it went. */
  readonly message: string;
}

/** One family of the Prometheus text format; names obey its rules, labels may hold any text. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: Iterable<MetricSample>;
}

export interface MetricSample {
  /** Appended to the family's name: `_bucket`, `_sum`, `_count` of a histogram. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}
