import type { Family } from '../net/family.ts';

/**
 * The speaker's configuration with every default resolved (`design.md` §4 is the contract of the
 * written form). Addresses and prefixes are canonical text, times are seconds.
 */
export interface SpeakerConfig {
  readonly asn: number;
  readonly routerId: string;
  /** Present makes the speaker a route reflector (RFC 4456); dotted quad. */
  readonly clusterId: string | undefined;
  readonly listen: readonly ListenConfig[];
  /** Undefined: no FIB, and every next hop counts as reachable. */
  readonly kernel: KernelConfig | undefined;
  readonly networks: readonly NetworkConfig[];
  readonly policies: Readonly<Record<string, readonly Rule[]>>;
  readonly peers: readonly PeerConfig[];
  readonly dynamicPeers: readonly DynamicPeerConfig[];
  readonly bmp: readonly BmpConfig[];
  /** Told to peers in the OPEN; undefined: not told. */
  readonly hostName: string | undefined;
  /** Whether peers are told the name and version of this software. */
  readonly softwareVersion: boolean;
}

/** A BMP collector (RFC 7854) that is dialled and fed. */
export interface BmpConfig {
  readonly address: string;
  readonly port: number;
  /** The tables that it is told of. */
  readonly rib: readonly (
    | 'pre-policy'
    | 'post-policy'
    | 'loc-rib'
    | 'adj-rib-out-pre'
    | 'adj-rib-out-post'
  )[];
  /** Seconds between Stats Reports; 0: none. */
  readonly statsInterval: number;
}

export interface ListenConfig {
  /** `0.0.0.0` or `::` for any address of the family. */
  readonly address: string;
  readonly port: number;
}

export interface KernelConfig {
  /** False: learn nothing. `interfaces` are globs for connected prefixes, `!` negates, first match decides. */
  readonly learn: false | { readonly interfaces: readonly string[] };
  /** False: program nothing. `policy` names are evaluated in order; no match accepts. */
  readonly program: false | { readonly policy: readonly string[] };
  readonly table: number;
  /** rtm_protocol of our routes. */
  readonly protocol: number;
  /** RTA_PRIORITY of programmed routes to which no rule gave one; 0 for none. */
  readonly metric: number;
  readonly preference: {
    readonly direct: number;
    readonly static: number;
    readonly bgp: number;
    readonly kernel: number;
  };
}

/** A route that this speaker originates. */
export interface NetworkConfig {
  readonly prefix: string;
  /** Gateway of a static route; undefined for a plain network. */
  readonly via: string | undefined;
  /** Whether a blackhole route for the prefix goes into the FIB. */
  readonly kernel: 'blackhole' | 'none';
  /** False: usable for next-hop resolution and the FIB, but never sent to peers. */
  readonly announce: boolean;
}

export type SourceKind = 'direct' | 'static' | 'kernel' | 'bgp';

export type Origin = 'igp' | 'egp' | 'incomplete';

export type PrefixMatch = {
  /** ge and le bound the prefix length and apply to `in` and `notIn` only. */
  readonly ge: number | undefined;
  readonly le: number | undefined;
} & (
  | { readonly in: string }
  | { readonly notIn: string }
  | { readonly equal: string }
  | { readonly notEqual: string }
);

/** All conditions of a match must hold; within a list one is enough. Empty matches everything. */
export interface Match {
  readonly prefix?: readonly PrefixMatch[];
  readonly source?: readonly SourceKind[];
  /** Globs over the outgoing interface; a route without one never matches. */
  readonly interface?: readonly string[];
  /** Kind of the session that the policy serves. */
  readonly peerType?: 'ibgp' | 'ebgp';
  /** Standard `a:b` and large `a:b:c` communities, `*` for any part; one is enough. */
  readonly community?: readonly string[];
  /** The AS_PATH begins with exactly this sequence. */
  readonly asPathPrefix?: readonly number[];
  /** Patterns of the whole AS_PATH (`as-path-pattern.ts`); one is enough. */
  readonly asPath?: readonly string[];
  /** As the decision counts it: an AS_SET is one. */
  readonly asPathLength?: NumberMatch;
  readonly origin?: readonly Origin[];
  /** MULTI_EXIT_DISC; a route without one never matches. */
  readonly med?: NumberMatch;
  /** LOCAL_PREF, 100 where none was received; a bare number stands for `eq`. */
  readonly localPref?: number | NumberMatch;
  /** Kernel metric (RTA_PRIORITY); an undefined metric never matches. */
  readonly metric?: NumberMatch;
  readonly nextHop?: readonly string[];
  /** Names of the peers that the route was learned from. */
  readonly fromPeer?: readonly string[];
}

export interface NumberMatch {
  readonly eq?: number;
  readonly lt?: number;
  readonly le?: number;
  readonly gt?: number;
  readonly ge?: number;
}

/** Changes in the order of these fields; a later rule sees what an earlier one set. */
export interface SetActions {
  readonly localPref?: number;
  readonly med?: number;
  readonly metric?: number;
  readonly preference?: number;
  readonly origin?: Origin;
  /** `*` in place of a part removes all of the kind. */
  readonly removeCommunity?: readonly string[];
  readonly addCommunity?: readonly string[];
  readonly prependAsPath?: readonly number[];
  readonly nextHop?: 'self';
  /** Interface that an encapsulated route leaves by (onlink); FIB only. */
  readonly tunnel?: string;
  /** LOCAL_PREF := this number - metric (an undefined metric counts as the kernel's default metric). */
  readonly localPrefFromMetric?: number;
  /** metric := this number - LOCAL_PREF. */
  readonly metricFromLocalPref?: number;
}

export interface Rule {
  readonly match: Match;
  readonly set: SetActions;
  readonly then: 'accept' | 'reject' | 'continue';
}

export type Verdict = 'accept' | 'reject';

/** Bidirectional Forwarding Detection with a peer, RFC 5880; milliseconds. */
export interface BfdConfig {
  readonly minTx: number;
  readonly minRx: number;
  readonly multiplier: number;
  /** RFC 5883; undefined: as the BGP session, which is of one hop or of several. */
  readonly multihop: boolean | undefined;
  /** No BGP session before BFD is up. */
  readonly strict: boolean;
}

export interface SessionConfig {
  readonly asn: number;
  readonly port: number;
  readonly interface: string | undefined;
  /** Undefined: chosen by the kernel. */
  readonly localAddress: string | undefined;
  readonly localAsn: number;
  readonly allowOwnAs: number;
  readonly reflectorClient: boolean;
  /** The peer is a client of this route server (RFC 7947). */
  readonly routeServerClient: boolean;
  /** What we are to the peer (RFC 9234); undefined: not told, and no route is marked or held back. */
  readonly role: 'provider' | 'rs' | 'rs-client' | 'customer' | 'peer' | undefined;
  /** RFC 9234 §4.2, strict mode: no session with a peer that tells no role. */
  readonly roleRequired: boolean;
  readonly families: readonly Family[];
  /** Proposed hold time; 0 turns keepalives off. */
  readonly holdTime: number;
  /** Undefined: a third of the negotiated hold time. */
  readonly keepaliveTime: number | undefined;
  /** RFC 9687. Undefined: the larger of 480 s and twice the hold time; 0: off. */
  readonly sendHoldTime: number | undefined;
  readonly connectRetryTime: number;
  readonly errorWait: { readonly min: number; readonly max: number };
  readonly password: Password | undefined;
  /** Hops (TTL) of a session without GTSM. */
  readonly multihop: number;
  /** RFC 5082: accept from at most this many hops; excludes multihop. */
  readonly ttlSecurity: number | undefined;
  readonly nextHop: 'auto' | 'self' | 'keep';
  readonly addPath: { readonly send: boolean; readonly receive: boolean };
  /** Messages of up to 65,535 octets (RFC 8654). */
  readonly extendedMessages: boolean;
  /** IPv4 routes with IPv6 next hops (RFC 8950). */
  readonly extendedNextHop: boolean;
  /** Undefined: graceful restart off. */
  readonly gracefulRestart:
    | {
        readonly restartTime: number;
        /** A NOTIFICATION is no reason to drop routes, RFC 8538. */
        readonly notification: boolean;
      }
    | undefined;
  /** RFC 9494; undefined: long-lived stale routes are understood, and none are kept. */
  readonly longLivedGracefulRestart: { readonly staleTime: number } | undefined;
  /**
   * Long-lived stale routes go to this internal peer with LOCAL_PREF 0, and with NO_EXPORT where it
   * does not know them (RFC 9494 §4.6).
   */
  readonly longLivedPartialDeployment: boolean;
  /** Undefined: no BFD. */
  readonly bfd: BfdConfig | undefined;
  readonly prefixLimit:
    | {
        readonly max: number;
        readonly action: 'warn' | 'block' | 'restart';
        /** Seconds before a session that `restart` ended may come back; undefined: as `errorWait`. */
        readonly restartAfter: number | undefined;
      }
    | undefined;
  /** Received routes with GRACEFUL_SHUTDOWN get LOCAL_PREF 0 (RFC 8326). */
  readonly gracefulShutdown: boolean;
  readonly asSet: 'withdraw' | 'accept';
  /** Policy names in order; an empty list goes straight to the end verdict. */
  readonly importPolicy: readonly string[];
  readonly exportPolicy: readonly string[];
  readonly importEnd: Verdict;
  readonly exportEnd: Verdict;
}

/** A password to be read from `file`, or a known one and the file that it was read from. */
export type Password =
  | { readonly file: string }
  | { readonly value: string; readonly file?: string };

export interface PeerConfig extends SessionConfig {
  /** Unique: a peer's identity. */
  readonly name: string;
  readonly address: string;
  readonly passive: boolean;
  /** Kept down; what the peer is told of why (RFC 9003), or nothing. Undefined: it is not. */
  readonly shutdown: string | undefined;
}

/** Peers known by an address range: accepted when they dial, never dialled. */
export interface DynamicPeerConfig extends SessionConfig {
  readonly range: string;
  readonly max: number;
}
