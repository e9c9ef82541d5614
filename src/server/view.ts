import type { CollectorStatus } from '../monitor/bmp/exporter.ts';
import type { Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import type { PeerStatus } from '../speaker/peer-status.ts';
import type { RouteRow } from '../speaker/route-row.ts';

export type {
  BfdPeerStatus,
  CapabilityStatus,
  MessageCounts,
  NotificationStatus,
  PeerFamily,
  PeerStatus,
  PeerTimers,
  UpdateGroupStatus,
} from '../speaker/peer-status.ts';
export type { RouteRow };

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
  /** The table as received, as the records of an MRT file (RFC 6396). */
  tableDump(): Iterable<Uint8Array>;
  /** Hands every message and session step to `write` as an MRT record, until the returned function ends it. */
  recordMessages(write: (record: Uint8Array) => void): () => void;
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
  readonly state:
    | 'starting'
    | 'waiting-for-datastore'
    | 'restarting'
    | 'running'
    | 'draining'
    | 'drained';
  /** While `restarting`. */
  readonly recovery?: {
    /** Names of the peers that are waited for. */
    readonly awaited: readonly string[];
    readonly secondsLeft: number;
  };
  readonly listening: readonly { readonly address: string; readonly port: number }[];
  readonly configuredAt?: string;
  /** The datastore's view, absent for a plain speaker. */
  readonly datastore?: {
    readonly inSync: boolean;
    /** It answers; the view may count as whole for a while without. */
    readonly connected: boolean;
    readonly since: string;
    readonly detail: string;
    /** When the view that is in force was whole. */
    readonly lastSync?: string;
    /** Why what is in force is not what the datastore holds. */
    readonly stale?: string;
  };
  /** A mass deletion that is not taken for real. */
  readonly heldDeletions?: {
    readonly since: string;
    readonly reason: string;
    readonly count: number;
    /** Keys of the first objects. */
    readonly objects: readonly string[];
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
  /** BMP collectors, absent where none is configured. */
  readonly collectors?: readonly CollectorStatus[];
  /** Whatever an operator should know: objects taken as absent, features that the platform lacks. */
  readonly warnings: readonly string[];
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
  /** Absent means both. */
  readonly family?: Family;
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
