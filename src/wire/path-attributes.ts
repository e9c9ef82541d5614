import type { AddressBytes } from '../net/address.ts';
import type { Family } from '../net/family.ts';

export type Origin = 'igp' | 'egp' | 'incomplete';

/** One AS_PATH segment, RFC 4271 §4.3 and RFC 5065 §3. */
export interface AsPathSegment {
  readonly type: 'sequence' | 'set' | 'confed-sequence' | 'confed-set';
  readonly asns: readonly number[];
}

export interface Aggregator {
  readonly asn: number;
  /** Dotted quad as a number. */
  readonly address: number;
}

export interface LargeCommunity {
  readonly global: number;
  readonly local1: number;
  readonly local2: number;
}

/** An attribute that bengal does not interpret, kept as received. */
export interface RawAttribute {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
}

/**
 * The attributes of a route, without NLRI, after RFC 7606 treatment and RFC 6793 merging of
 * AS4_PATH and AS4_AGGREGATOR. Undefined means absent.
 */
export interface PathAttributes {
  readonly origin: Origin | undefined;
  readonly asPath: readonly AsPathSegment[] | undefined;
  /** From NEXT_HOP or MP_REACH_NLRI: 4 or 16 octets, the global address. */
  readonly nextHop: AddressBytes | undefined;
  /** Second half of a 32-octet MP next hop, where it is link-local (RFC 2545 §3). */
  readonly linkLocalNextHop: AddressBytes | undefined;
  readonly med: number | undefined;
  readonly localPref: number | undefined;
  readonly atomicAggregate: boolean;
  readonly aggregator: Aggregator | undefined;
  /** RFC 1997, as unsigned 32-bit numbers. */
  readonly communities: readonly number[];
  /** RFC 4456, dotted quad as a number. */
  readonly originatorId: number | undefined;
  readonly clusterList: readonly number[];
  /** RFC 4360, 8 octets each. */
  readonly extendedCommunities: readonly Uint8Array[];
  /** RFC 5701, 20 octets each. */
  readonly ipv6ExtendedCommunities: readonly Uint8Array[];
  /** RFC 8092. */
  readonly largeCommunities: readonly LargeCommunity[];
  /** RFC 9234, Only to Customer. */
  readonly otc: number | undefined;
  /** Unknown optional transitive attributes, Partial bit as it must be sent on. */
  readonly unknown: readonly RawAttribute[];
}

/** No attribute at all: what the attributes of a route are spread over. */
export const NO_ATTRIBUTES: PathAttributes = {
  origin: undefined,
  asPath: undefined,
  nextHop: undefined,
  linkLocalNextHop: undefined,
  med: undefined,
  localPref: undefined,
  atomicAggregate: false,
  aggregator: undefined,
  communities: [],
  originatorId: undefined,
  clusterList: [],
  extendedCommunities: [],
  ipv6ExtendedCommunities: [],
  largeCommunities: [],
  otc: undefined,
  unknown: [],
};

/** What a session negotiated that changes how UPDATE bytes are read or written. */
export interface CodecContext {
  /** 4-octet AS numbers (RFC 6793) in both directions. */
  readonly as4: boolean;
  readonly kind: 'ibgp' | 'ebgp';
  /** Families in which the sender of these bytes puts path identifiers (RFC 7911). */
  readonly addPath: readonly Family[];
  /** Negotiated families; MP attributes of others are ignored and counted. */
  readonly families: readonly Family[];
  /** Largest message, header included: 4096, or 65535 (RFC 8654). */
  readonly maxMessage: number;
  /** RFC 8950: IPv6 next hops for IPv4 prefixes are allowed. */
  readonly extendedNextHop: boolean;
}
