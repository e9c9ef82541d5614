import { formatAddress, formatIpv4Number } from '../net/address.ts';
import { type Family, familyOf } from '../net/family.ts';
import { formatPrefix } from '../net/prefix.ts';
import {
  type AttributeDraft,
  MP_REACH_NLRI,
  MP_UNREACH_NLRI,
  readAttributeHeader,
} from './attributes/attribute-row.ts';
import { hexOf, type Json } from './json-open.ts';
import { nlriEnd, readPathId, readPrefix } from './nlri.ts';
import { parseAttributes } from './parse-attributes.ts';
import type { AsPathSegment, CodecContext, Origin } from './path-attributes.ts';
import { Reader } from './reader.ts';
import type { UpdateScan } from './update-scan.ts';

/** A scanned UPDATE as JSON, as it stands on the wire: nothing merged, nothing assumed. */
export function updateJson(bytes: Buffer, scan: UpdateScan, context: CodecContext): Json {
  const { draft } = parseAttributes(bytes, scan.attributesStart, scan.attributesEnd, context);
  const prefixes = (start: number, end: number): Json[] | string[] =>
    prefixesJson(bytes, start, end, 'ipv4-unicast', context);
  return {
    type: 'UPDATE',
    withdrawn: prefixes(scan.withdrawnStart, scan.withdrawnEnd),
    attrs: { ...attributesJson(draft), ...mpJson(bytes, scan, context) },
    nlri: prefixes(scan.nlriStart, scan.nlriEnd),
    ...(scan.endOfRibAfi !== 0 && { endOfRib: { afi: scan.endOfRibAfi, safi: 1 } }),
  };
}

const ORIGINS: Readonly<Record<Origin, string>> = {
  igp: 'IGP',
  egp: 'EGP',
  incomplete: 'INCOMPLETE',
};

const SEGMENTS: Readonly<Record<AsPathSegment['type'], string>> = {
  sequence: 'seq',
  set: 'set',
  'confed-sequence': 'confed_seq',
  'confed-set': 'confed_set',
};

const pathJson = (path: readonly AsPathSegment[]): Json[] =>
  path.map(({ type, asns }) => ({ type: SEGMENTS[type], asns }));

/** Absent attributes are left out. */
function attributesJson(draft: AttributeDraft): Json {
  const { origin, asPath, as4Path, nextHop, med, localPref, aggregator, as4Aggregator } = draft;
  return {
    ...(origin && { origin: ORIGINS[origin] }),
    ...(asPath && { asPath: pathJson(asPath) }),
    ...(nextHop && { nextHop: formatAddress(nextHop) }),
    ...(med !== undefined && { med }),
    ...(localPref !== undefined && { localPref }),
    ...(draft.atomicAggregate && { atomicAggregate: true }),
    ...(aggregator && { aggregator: aggregatorJson(aggregator) }),
    ...(as4Path && { as4Path: pathJson(as4Path) }),
    ...(as4Aggregator && { as4Aggregator: aggregatorJson(as4Aggregator) }),
    ...listsJson(draft),
    ...(draft.otc !== undefined && { otc: draft.otc }),
    ...(draft.opaque.length > 0 && {
      other: draft.opaque.map(({ type, flags, value }) => ({ type, flags, hex: hexOf(value) })),
    }),
  };
}

const aggregatorJson = ({ asn, address }: { asn: number; address: number }): Json => ({
  asn,
  address: formatIpv4Number(address),
});

function listsJson(draft: AttributeDraft): Json {
  const lists: Record<string, readonly string[]> = {
    communities: draft.communities.map((value) => `${value >>> 16}:${value & 0xffff}`),
    clusterList: draft.clusterList.map(formatIpv4Number),
    extCommunities: draft.extendedCommunities.map(hexOf),
    ipv6ExtCommunities: draft.ipv6ExtendedCommunities.map(hexOf),
    largeCommunities: draft.largeCommunities.map(
      ({ global, local1, local2 }) => `${global}:${local1}:${local2}`,
    ),
  };
  const { originatorId } = draft;
  return {
    ...(originatorId !== undefined && { originatorId: formatIpv4Number(originatorId) }),
    ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
  };
}

/** The MP attributes, also those of families that bengal does not route. */
function mpJson(bytes: Buffer, scan: UpdateScan, context: CodecContext): Json {
  const block = new Reader(bytes, scan.attributesStart, scan.attributesEnd);
  const found: Record<string, Json> = {};
  while (block.remaining > 0) {
    const header = readAttributeHeader(block);
    if (header === undefined || header.length > block.remaining) break;
    const value = block.sub(header.length);
    if (header.type === MP_REACH_NLRI) found['mpReach'] = reachJson(value, context);
    if (header.type === MP_UNREACH_NLRI) found['mpUnreach'] = unreachJson(value, context);
  }
  return found;
}

function reachJson(value: Reader, context: CodecContext): Json {
  const [afi, safi] = [value.u16(), value.u8()];
  // Only the families that bengal routes were checked.
  const nextHopLength = value.remaining > 0 ? value.u8() : 0;
  const nextHop = value.bytes(Math.min(nextHopLength, value.remaining));
  if (value.remaining > 0) value.u8();
  const nlri = Buffer.from(value.rest());
  const family = familyOf(afi, safi);
  const nextHops = addressesOf(nextHop);
  return {
    afi,
    safi,
    nextHopHex: hexOf(nextHop),
    ...(nextHops.length > 0 && { nextHops }),
    ...(family === undefined
      ? { nlriHex: hexOf(nlri) }
      : { nlri: prefixesJson(nlri, 0, nlri.length, family, context) }),
  };
}

function unreachJson(value: Reader, context: CodecContext): Json {
  const [afi, safi] = [value.u16(), value.u8()];
  const nlri = Buffer.from(value.rest());
  const family = familyOf(afi, safi);
  return family === undefined
    ? { afi, safi, withdrawnHex: hexOf(nlri) }
    : { afi, safi, withdrawn: prefixesJson(nlri, 0, nlri.length, family, context) };
}

function addressesOf(nextHop: Uint8Array): string[] {
  if (nextHop.length === 32) {
    return [nextHop.subarray(0, 16), nextHop.subarray(16)].map(formatAddress);
  }
  return nextHop.length === 4 || nextHop.length === 16 ? [formatAddress(nextHop)] : [];
}

/** Prefixes in a checked field: as text, with add-path as `{prefix, pathId}`. */
function prefixesJson(
  bytes: Buffer,
  start: number,
  end: number,
  family: Family,
  context: CodecContext,
): Json[] | string[] {
  const texts: string[] = [];
  const objects: Json[] = [];
  const addPath = context.addPath.includes(family);
  for (let at = start; at < end; at = nlriEnd(bytes, at)) {
    const pathId = addPath ? readPathId(bytes, at) : 0;
    if (addPath) at += 4;
    const prefix = formatPrefix(readPrefix(bytes, at, family));
    if (addPath) objects.push({ prefix, pathId });
    else texts.push(prefix);
  }
  return addPath ? objects : texts;
}
