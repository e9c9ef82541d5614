import type { Origin, SourceKind } from '../config/types.ts';
import type { PathAttributes } from '../wire/path-attributes.ts';

export type { SourceKind };

/**
 * What a rule may look at: one reusable cursor over a route, BGP or not. The RIB implements it over
 * its columns; nothing here is allocated for a route.
 */
export interface RouteView {
  /** 4 for IPv4, 16 for IPv6: octets of an address. */
  readonly size: 4 | 16;
  /** The prefix as unsigned 32-bit words, most significant first; IPv4 uses the first only. */
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
  /** Prefix length in bits. */
  readonly length: number;
  readonly source: SourceKind;
  /** Name of the peer that the route was learned from; empty for local routes. */
  readonly fromPeer: string;
  /** Outgoing interface of a local route; empty when there is none or more than one. */
  readonly interface: string;
  /** Kernel metric of a local route (RTA_PRIORITY, 0 included), undefined otherwise. */
  readonly metric: number | undefined;
  /** Attributes as received (effective ones on export); undefined for local routes. */
  readonly attributes: PathAttributes | undefined;
}

/** What accepted rules changed; a rule sees the edits of the rules before it. */
export interface RouteEdits {
  localPref: number | undefined;
  med: number | undefined;
  metric: number | undefined;
  preference: number | undefined;
  origin: Origin | undefined;
  /** RFC 1997 values to add and remove; removal wins over what was received, order is kept. */
  readonly addCommunities: number[];
  readonly removeCommunities: number[];
  /** Large communities as `a:b:c`. */
  readonly addLargeCommunities: string[];
  readonly removeLargeCommunities: string[];
  /** In the order in which they stand at the head of the path. */
  prependAsPath: readonly number[];
  nextHopSelf: boolean;
  tunnel: string | undefined;
}
