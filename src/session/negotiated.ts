import type { Family } from '../net/family.ts';
import type { BgpRole } from '../wire/capabilities/role.ts';
import type { CodecContext } from '../wire/path-attributes.ts';

/** The peer's graceful restart capability, families reduced to the negotiated ones. */
export interface PeerGracefulRestart {
  /** Seconds within which the peer promises to be back. */
  readonly restartTime: number;
  /** R bit: the peer has restarted, so that nobody need wait for its End-of-RIB. */
  readonly restarting: boolean;
  /** Both sides sent the N bit, RFC 8538. */
  readonly notification: boolean;
  readonly families: readonly Family[];
  /** Families with the F bit: forwarding state was preserved. */
  readonly forwarding: readonly Family[];
}

/** A family for which the peer asks that its routes be kept beyond its restart time, RFC 9494. */
export interface PeerLongLivedFamily {
  readonly family: Family;
  readonly staleTime: number;
  /** F bit: forwarding state was preserved. */
  readonly forwarding: boolean;
}

/** What two OPENs agreed upon. Times are seconds. */
export interface Negotiated {
  readonly kind: 'ibgp' | 'ebgp';
  readonly localAsn: number;
  readonly remoteAsn: number;
  /** Dotted quad as a number. */
  readonly remoteId: number;
  /** 0: no keepalives and no hold timer. */
  readonly holdTime: number;
  readonly keepaliveTime: number;
  /** 0: off. */
  readonly sendHoldTime: number;
  /** Never empty, in our order. */
  readonly families: readonly Family[];
  /** The peer takes ROUTE-REFRESH, RFC 2918. */
  readonly refresh: boolean;
  /** Both speak RFC 7313. */
  readonly enhancedRefresh: boolean;
  /** Undefined unless both sides sent capability 64. */
  readonly gracefulRestart: PeerGracefulRestart | undefined;
  /** RFC 9494, reduced to the negotiated families; undefined: the peer knows nothing of it. */
  readonly longLivedGracefulRestart: readonly PeerLongLivedFamily[] | undefined;
  /** What we are to the peer, RFC 9234; undefined where neither side minds. */
  readonly role: BgpRole | undefined;
  /** What the peer says that it is to us. */
  readonly remoteRole: BgpRole | undefined;
  /** Capability 73, as the peer wrote it: not safe to print. */
  readonly remoteHostName: string | undefined;
  /** Capability 75, as the peer wrote it: not safe to print. */
  readonly remoteSoftware: string | undefined;
  /** How to read the peer's UPDATEs. */
  readonly receive: CodecContext;
  /** How to write ours. */
  readonly send: CodecContext;
}
