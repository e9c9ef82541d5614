import type { Family } from '../net/family.ts';

/** One path of a prefix, for a person or a program; plain JSON. */
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
  /** What packets are handed to, where the next hop of a BGP route is resolved. */
  readonly gateway?: string;
  /** Outgoing interface of a local route, or of a BGP route whose next hop is resolved. */
  readonly interface?: string;
  /** What a local route does with packets. */
  readonly type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
  /** The highest wins, before BGP's own decision begins; 0 as sent. */
  readonly preference: number;
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
  readonly atomicAggregate?: true;
  readonly aggregator?: { readonly asn: number; readonly address: string };
  /** RFC 4360, hexadecimal. */
  readonly extCommunities?: readonly string[];
  /** RFC 5701, hexadecimal. */
  readonly ipv6ExtCommunities?: readonly string[];
  /** RFC 9234, Only to Customer. */
  readonly otc?: number;
  /** Unknown transitive attributes, which go on as they came; `flags` and `type` as numbers. */
  readonly other?: readonly {
    readonly type: number;
    readonly flags: number;
    readonly hex: string;
  }[];
  readonly since: string;
}
