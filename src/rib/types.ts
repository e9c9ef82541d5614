import type { AddressBytes } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import type { Prefix } from '../net/prefix.ts';
import type { CompiledPolicy } from '../policy/compile.ts';
import type { RouteView, SourceKind } from '../policy/route-view.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Probe } from '../runtime/probe.ts';
import type { Random } from '../runtime/random.ts';
import type { SlicedWork } from '../runtime/sliced-work.ts';
import type { AttributeRemedy } from '../wire/attributes/attribute-row.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';
import type { MessageError } from '../wire/errors.ts';
import type { CodecContext, PathAttributes } from '../wire/path-attributes.ts';

/** Preference of each source; the highest wins before BGP's own decision begins. */
export type Preferences = Readonly<Record<SourceKind, number>>;

export interface RibOptions {
  readonly clock: Clock;
  readonly work: SlicedWork;
  readonly random: Random;
  readonly probe: Probe;
  /** Dotted quad as a number. */
  readonly routerId: number;
  /** Present makes the speaker a route reflector (RFC 4456). */
  readonly clusterId: number | undefined;
  readonly preferences: Preferences;
  /** No FIB: every next hop but our own addresses counts as reachable. */
  readonly resolveAll: boolean;
}

/** What the RIB sends. */
export type MessageKind = 'update' | 'route-refresh';

/** Where a member of an update group takes its messages. */
export interface OutputPort {
  /**
   * Queues `messages` whole messages of one kind; the bytes never change afterwards. False means
   * that more is queued than the socket takes, and that `RibPeer.drained` will be called.
   */
  write(bytes: Uint8Array, messages: number, kind: MessageKind): boolean;
}

export type NextHopMode = 'auto' | 'self' | 'keep';

export interface PrefixLimit {
  readonly max: number;
  readonly action: 'warn' | 'block' | 'restart';
  /** For whoever restarts the session: seconds until it may come back. */
  readonly restartAfter: number | undefined;
}

/** A prefix limit that was met, and the family that met it. */
export interface CrossedLimit extends PrefixLimit {
  readonly family: Family;
}

/** RFC 8326: our routes are about to go away, or are withdrawn already. */
export type DrainMode = 'off' | 'graceful' | 'withdrawn';

/** What the configuration says of a peer's routes; all of it may change while the session is up. */
export interface RibPeerSettings {
  readonly reflectorClient: boolean;
  /** The peer is a client of this route server (RFC 7947). */
  readonly routeServerClient: boolean;
  readonly nextHop: NextHopMode;
  readonly allowOwnAs: number;
  /** Received routes with GRACEFUL_SHUTDOWN get LOCAL_PREF 0 (RFC 8326). */
  readonly gracefulShutdown: boolean;
  readonly drain: DrainMode;
  /** An internal peer is sent long-lived stale routes as RFC 9494 §4.6 has them. */
  readonly longLivedPartialDeployment: boolean;
  readonly asSet: 'withdraw' | 'accept';
  readonly prefixLimit: PrefixLimit | undefined;
  readonly importPolicy: CompiledPolicy;
  readonly exportPolicy: CompiledPolicy;
}

/** An established session, as far as routes are concerned. */
export interface RibSession {
  readonly kind: 'ibgp' | 'ebgp';
  readonly localAsn: number;
  readonly remoteAsn: number;
  /** What we are to the peer, RFC 9234; undefined: no role. */
  readonly role: BgpRole | undefined;
  /** BGP identifier of the peer, dotted quad as a number. */
  readonly remoteId: number;
  readonly remoteAddress: AddressBytes;
  /** Zone of a link-local session; empty otherwise. */
  readonly interface: string;
  readonly families: readonly Family[];
  readonly receive: CodecContext;
  readonly send: CodecContext;
  /** The peer knows long-lived graceful restart, RFC 9494. */
  readonly longLived: boolean;
  /** Both sides speak RFC 7313: what is sent again stands between BoRR and EoRR. */
  readonly enhancedRefresh: boolean;
  /**
   * Our next hop towards this peer in each family, as MP_REACH_NLRI holds it: 4 or 16 octets, or 32
   * with the link-local one (RFC 2545 §3). A family without one sends only kept next hops.
   */
  readonly ownNextHop: Readonly<Partial<Record<Family, AddressBytes>>>;
  readonly output: OutputPort;
}

/** What one UPDATE did. One object is reused for every message of a peer. */
export interface UpdateOutcome {
  readonly announced: number;
  readonly withdrawn: number;
  /** Routes of a malformed UPDATE that RFC 7606 treats as withdrawn. */
  readonly treatedAsWithdrawn: number;
  /** Prefixes of families that were not negotiated, or beyond a blocking prefix limit. */
  readonly ignored: number;
  /** What RFC 7606 repaired; empty nearly always. */
  readonly remedies: readonly AttributeRemedy[];
  /** The session must end with this NOTIFICATION; nothing was taken from the message. */
  readonly reset: MessageError | undefined;
  /** The family whose End-of-RIB this was. */
  readonly endOfRib: Family | undefined;
  /** The prefix limit was crossed by this message; said once until the count has fallen by a tenth. */
  readonly limit: CrossedLimit | undefined;
}

export interface PeerCounts {
  /** Rows held, rejected ones included. */
  readonly received: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Paths that the peer has been told of, or will be as soon as its socket takes them. */
  readonly advertised: number;
  readonly stale: number;
  readonly endOfRibSent: boolean;
  readonly endOfRibReceived: boolean;
}

export interface GroupStatus {
  readonly id: number;
  readonly members: number;
  /** Fields of the group key that no other peer of the family shares; empty when it has company. */
  readonly aloneBecause: readonly string[];
}

/** A configured peer: holds what it sent us, and is served what we send. Outlives its sessions. */
export interface RibPeer {
  readonly name: string;
  readonly settings: RibPeerSettings;
  /** The session is established: routes are sent, then End-of-RIB, in each family. */
  up(session: RibSession): void;
  /** The session is over. Routes of families in `keep` stay as stale; the others go. */
  down(keep: readonly Family[]): void;
  /** Drops what is still stale. */
  sweepStale(families: readonly Family[]): void;
  /** Keeps what is stale as routes of last resort; those with NO_LLGR go (RFC 9494 §4.2). */
  keepLongLived(family: Family): void;
  /** Takes the UPDATE `bytes[start, end)`, header included; the bytes are lent. */
  receiveUpdate(bytes: Buffer, start: number, end: number): UpdateOutcome;
  /** No UPDATE follows for now: after a rest, what has changed is sent at once. */
  flush(): void;
  /** Families of which a blocking prefix limit refused routes that there is room for now; told once. */
  takeRoom(): readonly Family[];
  /** ROUTE-REFRESH from the peer (RFC 2918): everything is sent again. */
  resend(family: Family): void;
  /** The peer's BoRR (RFC 7313): what is not announced again goes at its end. */
  beginRefresh(family: Family): void;
  endRefresh(family: Family): void;
  /** The output port takes bytes again. */
  drained(): void;
  /** Puts settings in force without a reset: re-evaluates, regroups and sends the differences. */
  /** Returns the limits that are new and exceeded by what is held already. */
  configure(settings: RibPeerSettings): readonly CrossedLimit[];
  /** The peer left the configuration: everything of it goes. */
  remove(): void;
  counts(family: Family): PeerCounts;
  group(family: Family): GroupStatus | undefined;
}

/** A route of this machine. `key` names it; a second `put` of the key is a change. */
export interface LocalRoute {
  readonly source: Exclude<SourceKind, 'bgp'>;
  readonly prefix: Prefix;
  /** `unicast` without a gateway is directly attached; the others drop traffic. */
  readonly type: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
  readonly gateway: AddressBytes | undefined;
  /** Outgoing interface; empty when there is none or more than one. */
  readonly interface: string;
  /** Kernel metric (RTA_PRIORITY, 0 included), undefined otherwise. */
  readonly metric: number | undefined;
  /** Undefined: the preference of its source. */
  readonly preference: number | undefined;
  /** False: usable for resolution and the FIB, but never sent to peers. */
  readonly announce: boolean;
}

/** One of the equal next hops of a BGP route, resolved. */
export interface ResolvedNextHop {
  /** BGP NEXT_HOP, canonical text. */
  readonly nextHop: string;
  /** What packets are handed to; undefined when the next hop is reached without a gateway. */
  readonly gateway: string | undefined;
  readonly interface: string;
  /** Share of traffic, 1 to 256. */
  readonly weight: number;
}

/** What the FIB should hold for a prefix, as far as the RIB knows; valid until the next call. */
export interface FibRoute {
  readonly prefix: Prefix;
  /** The best route as a policy sees it, edits of the import policy included. */
  readonly view: RouteView;
  /** Set by the import policy. */
  readonly metric: number | undefined;
  readonly tunnel: string | undefined;
  /** The best local route, where the best route is local. */
  readonly local: LocalRoute | undefined;
  /** Equal next hops of a BGP route, at most 16, the best first. */
  readonly nextHops: readonly ResolvedNextHop[];
}

/** A prefix whose best route may have changed. */
export type FibChange =
  | { readonly type: 'route'; readonly prefix: Prefix; readonly route: FibRoute }
  | { readonly type: 'none'; readonly prefix: Prefix };

/** A cursor over changes of best routes; a prefix that changes twice is handed out once. */
export interface FibReader {
  /** The next change, with the state of now; undefined when the reader has caught up. */
  next(): FibChange | undefined;
  /** Hands out every prefix again, as after a change of the kernel policy. */
  rescan(): void;
  close(): void;
}

/** A peer's path as it is now; without attributes it is gone. */
export interface PathChange {
  readonly peer: string;
  /** RFC 7911; 0 where none was received. */
  readonly pathId: number;
  readonly received: PathAttributes | undefined;
  /** After import policy; undefined where a policy or a safety check refused it. */
  readonly accepted: PathAttributes | undefined;
  /** Wall-clock milliseconds at which it came or last changed; 0 when it is gone. */
  readonly since: number;
}

/** What changed for a prefix since it was last handed out. */
export interface TableChange {
  readonly family: Family;
  readonly prefix: Prefix;
  readonly paths: readonly PathChange[];
  /** Undefined: the best path is the same. Without attributes there is none. */
  readonly best:
    | { readonly attributes: PathAttributes | undefined; readonly since: number }
    | undefined;
}

/** A cursor over changes of paths; a prefix that changes twice is handed out once. */
export interface TableReader {
  /** True when the reader has caught up. */
  readonly idle: boolean;
  /** The next change, with the state of now; undefined when the next few prefixes hold none. */
  next(): TableChange | undefined;
  /** Hands out all paths of a peer again: whoever was told of them has dropped them. */
  repeat(peer: string): void;
  close(): void;
}

/** Which of a peer's Adj-RIBs-Out (RFC 8671): before or after export policy. */
export type SentStage = 'pre-policy' | 'post-policy';

/** A path of an Adj-RIB-Out as it is now; without attributes it is gone. */
export interface SentPath {
  /** RFC 7911; 0 where none is sent. */
  readonly pathId: number;
  readonly attributes: PathAttributes | undefined;
}

/** All paths of a prefix in an Adj-RIB-Out that has changed, or may have. */
export interface SentChange {
  readonly family: Family;
  readonly prefix: Prefix;
  readonly paths: readonly SentPath[];
}

/** A cursor over what the present session of one peer is sent; it ends with the session. */
export interface SentReader {
  /** True when the reader has caught up. */
  readonly idle: boolean;
  /** The next change, with the state of now; undefined when the next few prefixes hold none. */
  next(): SentChange | undefined;
  /** Paths handed out and not taken back. */
  told(family: Family): number;
  close(): void;
}

/** Sizes of one family's table. */
export interface TableSize {
  readonly family: Family;
  readonly prefixes: number;
  readonly paths: number;
}

export interface RouteFilter {
  readonly family: Family | undefined;
  /** `table`: as the decision sees them; `in`: as received; `out`: as sent to `peer`. */
  readonly view: 'table' | 'in' | 'out';
  /** A peer's name: only what it sent, or is sent; needed with `out`. */
  readonly peer: string | undefined;
  /** Only what a policy or a safety check refused. */
  readonly filtered: boolean;
  /** Exactly this prefix. */
  readonly prefix: Prefix | undefined;
}

export type PathState = 'best' | 'equal' | 'candidate' | 'rejected' | 'unresolved';

/** One path of a prefix for a person; made when asked for. */
export interface PathInfo {
  readonly prefix: Prefix;
  readonly family: Family;
  readonly source: SourceKind;
  readonly peer: string | undefined;
  /** RFC 7911; may be 0; undefined where none was received (or sent). */
  readonly pathId: number | undefined;
  readonly state: PathState;
  /** Stable kebab-case name of the reason for the state, and a line of text. */
  readonly reason: string;
  readonly reasonText: string;
  readonly stale: boolean;
  /** Undefined for local routes, except as sent. */
  readonly attributes: PathAttributes | undefined;
  readonly local: LocalRoute | undefined;
  /** How the next hop of a BGP route is reached; undefined where it is not, or as sent. */
  readonly reached: Pick<ResolvedNextHop, 'gateway' | 'interface'> | undefined;
  readonly preference: number;
  /** Wall-clock milliseconds at which the path came or last changed. */
  readonly since: number;
}
