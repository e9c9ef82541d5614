import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSessionRecord,
  encodeSessionRecord,
  type SessionRecord,
} from '../../src/monitor/mrt/bgp4mp.ts';
import { ContentReader, mrtCodec } from '../../src/monitor/mrt/contents.ts';
import {
  BGP4MP_ET,
  encodeRecord,
  type MrtRecord,
  readRecords,
  TABLE_DUMP_V2,
} from '../../src/monitor/mrt/record.ts';
import { encodeRibAttributes, entryUpdate } from '../../src/monitor/mrt/rib-attributes.ts';
import {
  decodePeerIndex,
  decodeRib,
  encodePeerIndex,
  encodeRib,
  type PeerIndex,
  ribSubtype,
} from '../../src/monitor/mrt/table-dump.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';
import { hex } from '../wire/fixtures.ts';
import { attributesOf, family, prefixOf, RUNS } from '../wire/generators.ts';

const u32 = fc.nat(0xffffffff);
const address = fc
  .constantFrom(4, 16)
  .chain((size) => fc.uint8Array({ minLength: size, maxLength: size }));
const octets = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** A file in pieces of `size` octets. */
async function* pieces(bytes: Buffer, size = bytes.length): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function recordsOf(bytes: Buffer, size?: number): Promise<MrtRecord[]> {
  const records: MrtRecord[] = [];
  for await (const record of readRecords(pieces(bytes, size))) records.push(record);
  return records;
}

describe('MRT records', () => {
  test('come back as written, in whatever pieces the file comes', async () => {
    const record = fc.record({
      time: fc.nat(0xffffffff).map((seconds) => seconds * 1_000_000),
      type: fc.constantFrom(TABLE_DUMP_V2, 16),
      subtype: fc.nat(0xffff),
      body: octets(60),
    });
    const timed = fc.record({
      time: fc.tuple(u32, fc.nat(999_999)).map(([seconds, micro]) => seconds * 1_000_000 + micro),
      type: fc.constant(BGP4MP_ET),
      subtype: fc.nat(0xffff),
      body: octets(60),
    });
    const property = fc.asyncProperty(
      fc.array(fc.oneof(record, timed), { maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      async (records, size) => {
        const file = Buffer.concat(records.map(encodeRecord));
        expect(await recordsOf(file, size)).toEqual(records);
      },
    );
    await fc.assert(property, RUNS);
  });

  test('that are cut short say where', async () => {
    const whole = encodeRecord({ time: 0, type: 13, subtype: 1, body: Buffer.alloc(9) });
    const file = Buffer.concat([whole, whole.subarray(0, 20)]);
    await expect(recordsOf(file)).rejects.toThrow('within the record at octet 21');
  });

  test('that claim to be longer than any record are refused before they are gathered', async () => {
    const header = hex('00000000 000d 0001 7fffffff');
    await expect(recordsOf(header)).rejects.toThrow('its length is 2147483647');
  });

  test('of BGP4MP_ET without room for microseconds are refused', async () => {
    await expect(recordsOf(hex('00000000 0011 0004 00000002 0000'))).rejects.toThrow(
      'no microseconds',
    );
  });
});

describe('TABLE_DUMP_V2', () => {
  const peers = fc.array(fc.record({ bgpId: u32, address, asn: u32 }), { maxLength: 6 });

  test('gives its peer index back', () => {
    const index = fc.record({ collectorId: u32, viewName: fc.string({ maxLength: 20 }), peers });
    fc.assert(
      fc.property(index, (one: PeerIndex) => {
        expect(decodePeerIndex(encodePeerIndex(one))).toEqual(one);
      }),
      RUNS,
    );
  });

  test('reads peers with 2-octet AS numbers', () => {
    const body = hex('0a000001 0000 0001 00 0a000002 c0000201 fde8');
    expect(decodePeerIndex(body)).toEqual({
      collectorId: 0x0a000001,
      viewName: '',
      peers: [{ bgpId: 0x0a000002, address: Uint8Array.of(192, 0, 2, 1), asn: 65000 }],
    });
  });

  test('gives RIB records back, with and without path identifiers', () => {
    const rib = fc.tuple(family, fc.boolean()).chain(([of, addPath]) =>
      fc.record({
        sequence: u32,
        family: fc.constant(of),
        addPath: fc.constant(addPath),
        prefix: prefixOf(of),
        entries: fc.array(
          fc.record({
            peerIndex: fc.nat(0xffff),
            originated: u32,
            pathId: addPath ? u32 : fc.constant(0),
            attributes: octets(80),
          }),
          { maxLength: 5 },
        ),
      }),
    );
    fc.assert(
      fc.property(rib, (one) => {
        expect(decodeRib(ribSubtype(one), encodeRib(one))).toEqual(one);
      }),
      RUNS,
    );
  });

  test('carries attributes that come back in an UPDATE of the entry alone', () => {
    const route = family.chain((of) =>
      fc.record({
        of: fc.constant(of),
        prefix: prefixOf(of),
        attributes: attributesOf(of),
        pathId: fc.option(u32, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(route, ({ of, prefix, attributes, pathId }) => {
        const bytes = entryUpdate(encodeRibAttributes(attributes), of, prefix, pathId);
        const codec = mrtCodec(true, pathId !== undefined, 'ibgp');
        const scan = new UpdateScan();
        expect(scanUpdate(bytes, 0, bytes.length, codec, scan)).toBeUndefined();
        const reachable = of === 'ipv4-unicast' ? 'classic' : 'mp';
        const { attributesStart, attributesEnd } = scan;
        const decoded = decodeAttributes(bytes, attributesStart, attributesEnd, codec, reachable);
        expect(decoded).toMatchObject({ disposition: 'accept', attributes });
      }),
      RUNS,
    );
  });

  test('is read where MP_REACH_NLRI stands in full, as some programs write it', () => {
    const nextHop = 'fd00000000000000000000000000000a';
    const short = hex(`40010100 4002 00 800e 11 10 ${nextHop}`);
    const full = hex(`40010100 4002 00 800e 15 0002 01 10 ${nextHop} 00`);
    const prefix = { address: hex('fd000000000000000000000000000000'), length: 8 };
    const update = (block: Buffer): Buffer => entryUpdate(block, 'ipv6-unicast', prefix, undefined);
    expect(update(full)).toEqual(update(short));
  });

  test.each([
    ['a route of a peer that is not listed', '00000001 08 0a 0001 0005 00000000 0000', 'peer 5'],
    ['a prefix that is too long', '00000001 21 0a00000000 0000', '33 bits'],
    ['a record that is cut short', '00000001 08 0a 0001 0000', 'cut short'],
  ])('refuses %s', (_, body, message) => {
    const record = { time: 0, type: TABLE_DUMP_V2, subtype: 2, body: hex(body) };
    expect(() => new ContentReader().read(record)).toThrow(message);
  });
});

describe('BGP4MP', () => {
  const ends = fc.constantFrom(4, 16).chain((size) => {
    const end = fc.uint8Array({ minLength: size, maxLength: size });
    return fc.record({
      remoteAsn: fc.nat(0xffff),
      localAsn: fc.nat(0xffff),
      interfaceIndex: fc.nat(0xffff),
      remote: end,
      local: end,
    });
  });
  const state = fc.constantFrom('idle', 'connect', 'active', 'open-sent', 'established');

  test('gives messages and state changes back in every form', () => {
    const message = fc.record({
      type: fc.constant('message'),
      as4: fc.boolean(),
      addPath: fc.boolean(),
      direction: fc.constantFrom('in', 'out'),
      bytes: octets(60),
    });
    const step = fc.record({ type: fc.constant('state'), from: state, to: state });
    fc.assert(
      fc.property(ends, fc.oneof(message, step), (two, what) => {
        const record = { ...two, ...what } as SessionRecord;
        const { subtype, body } = encodeSessionRecord(record);
        expect(decodeSessionRecord(subtype, body)).toEqual(record);
      }),
      RUNS,
    );
  });

  test('writes AS_TRANS where two octets do not hold an AS number', () => {
    const { body } = encodeSessionRecord({
      type: 'message',
      as4: false,
      addPath: false,
      direction: 'in',
      remoteAsn: 4_200_000_000,
      localAsn: 65000,
      interfaceIndex: 0,
      remote: Uint8Array.of(10, 0, 0, 2),
      local: Uint8Array.of(10, 0, 0, 1),
      bytes: Buffer.alloc(0),
    });
    expect(body.readUInt16BE(0)).toBe(23456);
  });

  test.each([
    ['an unknown address family', 'fde8 fde9 0000 0003 00', 'address family 3'],
    ['an unknown FSM state', 'fde8 fde9 0000 0001 0a000002 0a000001 0001 0009', 'FSM state 9'],
  ])('refuses %s', (_, body, message) => {
    const record = { time: 0, type: 16, subtype: 0, body: hex(body) };
    expect(() => new ContentReader().read(record)).toThrow(message);
  });
});

test('records of other types are passed over', () => {
  const other = [{ type: 'other' }];
  const body = Buffer.alloc(0);
  const reader = new ContentReader();
  expect(reader.read({ time: 0, type: 32, subtype: 0, body })).toEqual(other);
  expect(reader.read({ time: 0, type: TABLE_DUMP_V2, subtype: 6, body })).toEqual(other);
  expect(reader.read({ time: 0, type: 16, subtype: 99, body })).toEqual(other);
});
