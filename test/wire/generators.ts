import fc from 'fast-check';
import type { Family } from '../../src/net/family.ts';
import { maskedPrefix, type Prefix } from '../../src/net/prefix.ts';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { encodeAttributes } from '../../src/wire/encode-attributes.ts';
import { isLinkBandwidthAt } from '../../src/wire/link-bandwidth.ts';
import type { OpenMessage } from '../../src/wire/open.ts';
import type { CodecContext, PathAttributes } from '../../src/wire/path-attributes.ts';
import type { Nlri, UpdateContent } from '../../src/wire/update.ts';

/** `numRuns` of every property: FC_RUNS, or 100. */
export const RUNS: { readonly numRuns: number } = {
  numRuns: Number(process.env['FC_RUNS'] ?? 100),
};

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const asn = fc.oneof(fc.integer({ min: 1, max: 0xffff }), fc.integer({ min: 1, max: 0xffffffff }));
const octets = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const list = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(of, { maxLength: 5 });
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });
const distinct = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.uniqueArray(of, { maxLength: 5, selector: (one) => JSON.stringify(one) });

export const family: fc.Arbitrary<Family> = fc.constantFrom('ipv4-unicast', 'ipv6-unicast');

export const prefixOf = (of: Family): fc.Arbitrary<Prefix> => {
  const size = of === 'ipv4-unicast' ? 4 : 16;
  return fc
    .tuple(octets(size), fc.nat(8 * size))
    .map(([address, length]) => maskedPrefix(address, length));
};

const asPath = list(
  fc.record({
    type: fc.constantFrom('sequence' as const, 'set' as const),
    asns: fc.array(asn, { minLength: 1, maxLength: 6 }),
  }),
);

const hostAddress = fc
  .tuple(fc.integer({ min: 1, max: 126 }), octets(3))
  .map(([first, rest]) => Uint8Array.of(first, ...rest));

const linkLocal = octets(14).map((rest) => Uint8Array.of(0xfe, 0x80, ...rest));
const globalAddress = octets(15).map((rest) => Uint8Array.of(0x20, ...rest));

const unknown = fc.uniqueArray(
  fc.record({
    flags: fc.constant(0xe0),
    type: fc.integer({ min: 100, max: 255 }),
    value: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 3, selector: ({ type }) => type },
);

/** Attributes that a decoder gives back as they are, for a route of `of` from iBGP. */
export const attributesOf = (of: Family): fc.Arbitrary<PathAttributes> =>
  fc.record({
    origin: fc.constantFrom('igp' as const, 'egp' as const, 'incomplete' as const),
    asPath,
    nextHop: of === 'ipv4-unicast' ? hostAddress : globalAddress,
    linkLocalNextHop: of === 'ipv4-unicast' ? fc.constant(undefined) : maybe(linkLocal),
    med: maybe(u32),
    localPref: u32,
    atomicAggregate: fc.boolean(),
    aggregator: maybe(fc.record({ asn, address: u32 })),
    communities: list(u32),
    originatorId: maybe(u32),
    clusterList: list(u32),
    extendedCommunities: list(octets(8)),
    ipv6ExtendedCommunities: list(octets(20)),
    largeCommunities: distinct(fc.record({ global: u32, local1: u32, local2: u32 })),
    otc: maybe(u32),
    unknown: unknown.map((all) => all.toSorted((a, b) => a.type - b.type)),
  });

export const codecContext: fc.Arbitrary<CodecContext> = fc.record({
  as4: fc.boolean(),
  kind: fc.constant('ibgp'),
  addPath: fc.subarray<Family>(['ipv4-unicast', 'ipv6-unicast']),
  families: fc.constant<readonly Family[]>(['ipv4-unicast', 'ipv6-unicast']),
  maxMessage: fc.constant(65535),
  extendedNextHop: fc.boolean(),
});

const routesOf = (of: Family): fc.Arbitrary<Nlri[]> =>
  fc.array(fc.record({ prefix: prefixOf(of), pathId: u32 }), { minLength: 1, maxLength: 8 });

export const updateContent: fc.Arbitrary<UpdateContent> = family.chain((of) =>
  fc.oneof(
    fc.record({
      type: fc.constant('announce' as const),
      family: fc.constant(of),
      routes: routesOf(of),
      attributes: attributesOf(of),
    }),
    fc.record({
      type: fc.constant('withdraw' as const),
      family: fc.constant(of),
      routes: routesOf(of),
    }),
  ),
);

const afiSafi = { afi: u16, safi: fc.nat(255) };
const text = fc.string({ maxLength: 20 });

const capability: fc.Arbitrary<Capability> = fc.oneof(
  fc.record({ type: fc.constant('multiprotocol' as const), ...afiSafi }),
  fc.constantFrom<Capability>(
    { type: 'route-refresh' },
    { type: 'extended-message' },
    { type: 'enhanced-route-refresh' },
  ),
  fc.record({
    type: fc.constant('extended-next-hop' as const),
    entries: list(fc.record({ ...afiSafi, nextHopAfi: u16 })),
  }),
  fc.record({ type: fc.constant('role' as const), role: fc.nat(255) }),
  fc.record({
    type: fc.constant('graceful-restart' as const),
    restarting: fc.boolean(),
    notification: fc.boolean(),
    restartTime: fc.nat(4095),
    families: list(fc.record({ ...afiSafi, forwarding: fc.boolean() })),
  }),
  fc.record({ type: fc.constant('as4' as const), asn }),
  fc.record({
    type: fc.constant('add-path' as const),
    families: list(fc.record({ ...afiSafi, mode: fc.integer({ min: 1, max: 3 }) })),
  }),
  fc.record({
    type: fc.constant('long-lived-graceful-restart' as const),
    families: list(
      fc.record({ ...afiSafi, forwarding: fc.boolean(), staleTime: fc.nat(0xffffff) }),
    ),
  }),
  fc.record({ type: fc.constant('fqdn' as const), hostName: text, domainName: text }),
  fc.record({ type: fc.constant('software-version' as const), version: text }),
  fc.record({
    type: fc.constant('unknown' as const),
    code: fc.integer({ min: 100, max: 255 }),
    value: fc.uint8Array({ maxLength: 255 }),
  }),
);

export const openMessage: fc.Arbitrary<OpenMessage> = fc.record({
  version: fc.constant(4),
  asn: fc.integer({ min: 1, max: 0xffff }),
  holdTime: fc.oneof(fc.constant(0), fc.integer({ min: 3, max: 0xffff })),
  bgpId: fc.integer({ min: 1, max: 0xffffffff }),
  capabilities: fc.array(capability, { maxLength: 12 }),
});

/** An attribute block with what it takes to decode it. */
export interface AttributeBlock {
  readonly bytes: Buffer;
  readonly context: CodecContext;
  readonly reachable: 'classic' | 'mp';
}

/** Blocks of attributes that a reflector meets every day. */
export const usualBlock: fc.Arbitrary<AttributeBlock> = family.chain((of) =>
  fc.record({ set: attributesOf(of), context: codecContext }).map(({ set, context }) => {
    const usual = {
      ...set,
      linkLocalNextHop: undefined,
      extendedCommunities: set.extendedCommunities.filter((each) => !isLinkBandwidthAt(each, 0)),
      ipv6ExtendedCommunities: [],
      largeCommunities: set.largeCommunities.slice(0, 1),
      otc: undefined,
      unknown: [],
    };
    const bytes = encodeAttributes(usual, { ...context, as4: true });
    const reachable = of === 'ipv4-unicast' ? 'classic' : 'mp';
    const whole = reachable === 'mp' ? Buffer.concat([mpNextHop(set.nextHop), bytes]) : bytes;
    return { bytes: whole, context: { ...context, as4: true }, reachable };
  }),
);

/** Usual blocks and others, some with octets changed, cut off, or attributes twice. */
export const anyBlock: fc.Arbitrary<AttributeBlock> = fc
  .record({
    block: fc.oneof(usualBlock, oddBlock()),
    kind: fc.constantFrom('ibgp' as const, 'ebgp' as const),
    as4: fc.boolean(),
    reachable: fc.constantFrom(undefined, 'classic' as const, 'mp' as const),
    changes: fc.array(fc.record({ at: fc.nat(400), octet: fc.nat(255) }), { maxLength: 2 }),
    tail: fc.oneof(fc.constant(0), fc.integer({ min: -12, max: 12 })),
  })
  .map(({ block, kind, as4, reachable, changes, tail }) => {
    const { length } = block.bytes;
    const bytes = Buffer.concat([block.bytes, block.bytes.subarray(0, Math.max(0, tail))]);
    for (const { at, octet } of changes) bytes[at] = octet;
    return {
      bytes: bytes.subarray(0, length + tail),
      context: { ...block.context, kind, as4: block.context.as4 && as4 },
      reachable: reachable ?? block.reachable,
    };
  });

function oddBlock(): fc.Arbitrary<AttributeBlock> {
  return fc
    .record({ set: attributesOf('ipv4-unicast'), context: codecContext })
    .map(({ set, context }) => ({
      bytes: encodeAttributes(set, context),
      context,
      reachable: 'classic' as const,
    }));
}

const mpNextHop = (address: Uint8Array = new Uint8Array(16)): Buffer =>
  Buffer.from([0x80, 14, 21, 0, 2, 1, 16, ...address, 0]);
