import { decodeAggregator, encodeAggregator } from './aggregator.ts';
import { decodeAsPath, encodeAsPath } from './as-path.ts';
import { decodeAs4Aggregator, encodeAs4Aggregator } from './as4-aggregator.ts';
import { decodeAs4Path, encodeAs4Path } from './as4-path.ts';
import { decodeAtomicAggregate, encodeAtomicAggregate } from './atomic-aggregate.ts';
import { type AttributeRow, OPTIONAL, OPTIONAL_TRANSITIVE, WELL_KNOWN } from './attribute-row.ts';
import { decodeClusterList, encodeClusterList } from './cluster-list.ts';
import { decodeCommunities, encodeCommunities } from './communities.ts';
import { decodeExtendedCommunities, encodeExtendedCommunities } from './extended-communities.ts';
import {
  decodeIpv6ExtendedCommunities,
  encodeIpv6ExtendedCommunities,
} from './ipv6-extended-communities.ts';
import { decodeLargeCommunities, encodeLargeCommunities } from './large-communities.ts';
import { decodeLocalPref, encodeLocalPref } from './local-pref.ts';
import { decodeMed, encodeMed } from './med.ts';
import { decodeNextHop, encodeNextHop } from './next-hop.ts';
import {
  checkNextHopCharacteristics,
  checkPmsiTunnel,
  checkPrefixSid,
  refuseAigp,
} from './opaque.ts';
import { decodeOrigin, encodeOrigin } from './origin.ts';
import { decodeOriginatorId, encodeOriginatorId } from './originator-id.ts';
import { decodeOtc, encodeOtc } from './otc.ts';

/**
 * Every attribute that bengal knows, with the remedies of RFC 7606 §7 and of the attribute's own
 * RFC; by type code, which is also the order of encoding. MP_REACH_NLRI (14) and MP_UNREACH_NLRI
 * (15) are not here: their errors end the session and are found by `scanUpdate`.
 */
export const ATTRIBUTES: readonly AttributeRow[] = [
  {
    type: 1,
    name: 'ORIGIN',
    category: WELL_KNOWN,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeOrigin,
    encode: encodeOrigin,
  },
  {
    type: 2,
    name: 'AS_PATH',
    category: WELL_KNOWN,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeAsPath,
    encode: encodeAsPath,
  },
  {
    type: 3,
    name: 'NEXT_HOP',
    category: WELL_KNOWN,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeNextHop,
    encode: encodeNextHop,
  },
  {
    type: 4,
    name: 'MULTI_EXIT_DISC',
    category: OPTIONAL,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeMed,
    encode: encodeMed,
  },
  {
    type: 5,
    name: 'LOCAL_PREF',
    category: WELL_KNOWN,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    ibgpOnly: true,
    decode: decodeLocalPref,
    encode: encodeLocalPref,
  },
  {
    type: 6,
    name: 'ATOMIC_AGGREGATE',
    category: WELL_KNOWN,
    malformed: 'discard',
    badFlags: 'withdraw',
    decode: decodeAtomicAggregate,
    encode: encodeAtomicAggregate,
  },
  {
    type: 7,
    name: 'AGGREGATOR',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'discard',
    badFlags: 'withdraw',
    decode: decodeAggregator,
    encode: encodeAggregator,
  },
  {
    type: 8,
    name: 'COMMUNITIES',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeCommunities,
    encode: encodeCommunities,
  },
  {
    type: 9,
    name: 'ORIGINATOR_ID',
    category: OPTIONAL,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    ibgpOnly: true,
    decode: decodeOriginatorId,
    encode: encodeOriginatorId,
  },
  {
    type: 10,
    name: 'CLUSTER_LIST',
    category: OPTIONAL,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    ibgpOnly: true,
    decode: decodeClusterList,
    encode: encodeClusterList,
  },
  {
    type: 16,
    name: 'EXTENDED_COMMUNITIES',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeExtendedCommunities,
    encode: encodeExtendedCommunities,
  },
  {
    type: 17,
    name: 'AS4_PATH',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'discard',
    badFlags: 'withdraw',
    decode: decodeAs4Path,
    encode: encodeAs4Path,
  },
  {
    type: 18,
    name: 'AS4_AGGREGATOR',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'discard',
    badFlags: 'withdraw',
    decode: decodeAs4Aggregator,
    encode: encodeAs4Aggregator,
  },
  {
    type: 22,
    name: 'PMSI_TUNNEL',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    opaque: true,
    decode: checkPmsiTunnel,
  },
  {
    type: 25,
    name: 'IPV6_EXTENDED_COMMUNITIES',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeIpv6ExtendedCommunities,
    encode: encodeIpv6ExtendedCommunities,
  },
  {
    type: 26,
    name: 'AIGP',
    category: OPTIONAL,
    malformed: 'discard',
    badFlags: 'discard',
    opaque: true,
    decode: refuseAigp,
  },
  {
    type: 32,
    name: 'LARGE_COMMUNITY',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeLargeCommunities,
    encode: encodeLargeCommunities,
  },
  {
    type: 35,
    name: 'ONLY_TO_CUSTOMER',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'withdraw',
    badFlags: 'withdraw',
    decode: decodeOtc,
    encode: encodeOtc,
  },
  {
    type: 39,
    name: 'NEXT_HOP_CHARACTERISTICS',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'discard',
    badFlags: 'discard',
    opaque: true,
    decode: checkNextHopCharacteristics,
  },
  {
    type: 40,
    name: 'PREFIX_SID',
    category: OPTIONAL_TRANSITIVE,
    malformed: 'discard',
    badFlags: 'discard',
    opaque: true,
    decode: checkPrefixSid,
  },
];

const BY_TYPE: readonly (AttributeRow | undefined)[] = Array.from({ length: 256 }, (_, type) =>
  ATTRIBUTES.find((row) => row.type === type),
);

/** The row of an attribute type, or undefined when bengal does not know it. */
export const attributeRow = (type: number): AttributeRow | undefined => BY_TYPE[type];

/** The RFC's name of an attribute type; type 0 stands for the attribute block itself. */
export function attributeName(type: number): string {
  if (type === 0) return 'attribute block';
  return MP_NAMES[type] ?? attributeRow(type)?.name ?? `attribute ${type}`;
}

const MP_NAMES: Readonly<Record<number, string>> = { 14: 'MP_REACH_NLRI', 15: 'MP_UNREACH_NLRI' };
