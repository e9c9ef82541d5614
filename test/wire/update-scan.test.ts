import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeAttributeKey } from '../../src/wire/attribute-key.ts';
import { decodeAttributes } from '../../src/wire/decode-attributes.ts';
import type { CodecContext } from '../../src/wire/path-attributes.ts';
import { encodeUpdate, endOfRib } from '../../src/wire/update.ts';
import { scanUpdate, UpdateScan } from '../../src/wire/update-scan.ts';
import { context, hex, octets, update } from './fixtures.ts';
import { codecContext, RUNS, updateContent } from './generators.ts';

const ORIGIN = '40010100';
const AS_PATH = '4002060201 0000fde9';
const NEXT_HOP = '400304 c0000201';
const BASIC = `${ORIGIN} ${AS_PATH} ${NEXT_HOP}`.replaceAll(' ', '');
const PREFIX = '18cb0071';
const GLOBAL = '20010db8000000000000000000000001';
const MP_REACH = `800e1c00020110${GLOBAL}003020010db80077`;
const MP_UNREACH = '800f0a0002013020010db80077';

function scanned(bytes: Buffer, of: CodecContext = context()): UpdateScan {
  const scan = new UpdateScan();
  const error = scanUpdate(bytes, 0, bytes.length, of, scan);
  if (error !== undefined) throw error;
  return scan;
}

const refused = (bytes: Buffer, of: CodecContext = context()) =>
  scanUpdate(bytes, 0, bytes.length, of, new UpdateScan());

const text = (bytes: Buffer, start: number, end: number): string =>
  bytes.toString('hex', start, end);

describe('the UPDATE scan', () => {
  test('hands out the ranges of every part', () => {
    const bytes = update('080a', BASIC + MP_REACH + MP_UNREACH, PREFIX);
    const scan = scanned(bytes);
    expect(text(bytes, scan.withdrawnStart, scan.withdrawnEnd)).toBe('080a');
    expect(text(bytes, scan.attributesStart, scan.attributesEnd)).toBe(
      BASIC + MP_REACH + MP_UNREACH,
    );
    expect(text(bytes, scan.nlriStart, scan.nlriEnd)).toBe(PREFIX);
    expect(text(bytes, scan.reachStart, scan.reachEnd)).toBe(MP_REACH);
    expect(text(bytes, scan.reachNextHopStart, scan.reachNextHopEnd)).toBe(GLOBAL);
    expect(text(bytes, scan.reachNlriStart, scan.reachNlriEnd)).toBe('3020010db80077');
    expect(text(bytes, scan.unreachStart, scan.unreachEnd)).toBe(MP_UNREACH);
    expect(text(bytes, scan.unreachNlriStart, scan.unreachNlriEnd)).toBe('3020010db80077');
    expect(scan).toMatchObject({ reachAfi: 2, unreachAfi: 2, endOfRibAfi: 0, hasMp: true });
  });

  test('forgets the message before', () => {
    const scan = new UpdateScan();
    const full = update('080a', BASIC + MP_REACH + MP_UNREACH, PREFIX);
    const ignoring = context({ families: ['ipv4-unicast'] });
    scanUpdate(full, 0, full.length, ignoring, scan);
    expect(scan.ignored).toBe(2);
    const empty = endOfRib('ipv4-unicast');
    scanUpdate(empty, 0, empty.length, context(), scan);
    expect(scan).toEqual(scanned(empty));
  });

  test.each([
    ['ipv4-unicast' as const, 1],
    ['ipv6-unicast' as const, 2],
  ])('knows the End-of-RIB of %s', (family, afi) => {
    expect(scanned(endOfRib(family)).endOfRibAfi).toBe(afi);
    expect(scanned(endOfRib(family), context({ families: [] })).endOfRibAfi).toBe(0);
  });

  test('takes an empty MP_UNREACH_NLRI of IPv4 for its End-of-RIB', () => {
    expect(scanned(update('', '800f03000101', '')).endOfRibAfi).toBe(1);
  });

  test.each([
    ['withdrawn routes longer than the message', hex(`${'ff'.repeat(16)} 0017 02 0001 0000`)],
    ['attributes longer than the message', hex(`${'ff'.repeat(16)} 0017 02 0000 0001`)],
    ['lengths that say 65,535', hex(`${'ff'.repeat(16)} 0017 02 ffff ffff`)],
    ['MP_REACH_NLRI twice', update('', MP_REACH + MP_REACH, '')],
    ['MP_UNREACH_NLRI twice, of no known family', update('', '800f03004046'.repeat(2), '')],
  ])('refuses %s with 3/1', (_what, bytes) => {
    expect(refused(bytes)).toMatchObject({ code: 3, subcode: 1, data: new Uint8Array(0) });
  });

  test.each([
    ['a length of 33', '', '210102030405'],
    ['a prefix that ends too early', '', '18cb00'],
    ['a withdrawn length of 33', '210102030405', ''],
    ['a withdrawn prefix that ends too early', '20cb0071', ''],
  ])('refuses %s with 3/10', (_what, withdrawn, nlri) => {
    expect(refused(update(withdrawn, BASIC, nlri))).toMatchObject({ code: 3, subcode: 10 });
  });

  test('refuses a path id without a prefix', () => {
    const addPath = context({ addPath: ['ipv4-unicast'] });
    expect(refused(update('', BASIC, '00000001'), addPath)).toMatchObject({ subcode: 10 });
    expect(refused(update('', BASIC, '0000000100'), addPath)).toBeUndefined();
  });

  test.each([
    ['a length of 129', `800e2700020110${GLOBAL}0081${'00'.repeat(17)}`],
    ['a next hop of 15 octets', `800e150002010f${'00'.repeat(16)}`],
    ['a next hop of 24 octets', `800e1d00020118${'00'.repeat(25)}`],
    ['a next hop that overruns', `800e0800020110${'00'.repeat(4)}`],
    ['only 4 octets', '800e0400020100'],
    ['only 2 octets', '800e020002'],
    ['the Transitive bit', `c0${MP_REACH.slice(2)}`],
    ['no Optional bit', `00${MP_REACH.slice(2)}`],
    ['the Transitive bit in MP_UNREACH_NLRI', `c0${MP_UNREACH.slice(2)}`],
    ['a truncated withdrawal', '800f080002014020010db8'],
    ['MP_UNREACH_NLRI of 2 octets', '800f020002'],
    ['MP_REACH_NLRI longer than the block', '800e2000020110'],
  ])('refuses %s with 3/9 and the attribute', (_what, attribute) => {
    const data = octets(attribute);
    expect(refused(update('', BASIC + attribute, ''))).toMatchObject({
      code: 3,
      subcode: 9,
      data,
    });
  });

  test.each(['a0', 'af'])('does not mind flags %s of an MP attribute', (flags) => {
    expect(scanned(update('', `${flags}${MP_REACH.slice(2)}`, '')).reachAfi).toBe(2);
  });

  test('takes IPv6 next hops for IPv4 only with RFC 8950', () => {
    const bytes = update('', `800e1900010110${GLOBAL}00${PREFIX}`, '');
    expect(refused(bytes)).toMatchObject({ subcode: 9 });
    expect(scanned(bytes, context({ extendedNextHop: true })).reachAfi).toBe(1);
  });

  test('ignores and counts what was not negotiated', () => {
    const ipv6Only = context({ families: ['ipv6-unicast'] });
    const classic = scanned(update('080a', BASIC, PREFIX), ipv6Only);
    expect(classic).toMatchObject({ ignored: 1, judgeOnly: false, nlriStart: 0, nlriEnd: 0 });
    const evpn = scanned(update('', `${BASIC}800e0b0019460411111111000117`, ''));
    expect(evpn).toMatchObject({ ignored: 1, reachAfi: 0, judgeOnly: false });
  });

  test('asks to judge attributes that announce nothing', () => {
    expect(scanned(update('', BASIC, '')).judgeOnly).toBe(true);
    expect(scanned(update('080a', BASIC, '')).judgeOnly).toBe(true);
    expect(scanned(update('', BASIC, PREFIX)).judgeOnly).toBe(false);
    expect(scanned(update('', MP_UNREACH, '')).judgeOnly).toBe(false);
  });

  test('leaves a block that is cut short to the decoder', () => {
    expect(scanned(update('', `${BASIC}40`, PREFIX)).hasAttributes).toBe(true);
    expect(scanned(update('', `${BASIC}5002`, PREFIX)).nlriEnd).toBeGreaterThan(0);
    expect(scanned(update('', `${BASIC}c008ff`, PREFIX)).nlriEnd).toBeGreaterThan(0);
  });
});

describe('the attribute key', () => {
  const keyOf = (bytes: Buffer, reachable: 'classic' | 'mp'): string => {
    const out = Buffer.alloc(bytes.length);
    return out.toString('hex', 0, writeAttributeKey(bytes, scanned(bytes), reachable, out, 0));
  };

  test('is the block without MP attributes, the next hop first where it counts', () => {
    const block = ORIGIN + MP_UNREACH + BASIC.slice(8) + MP_REACH;
    const bytes = update('', block, PREFIX);
    expect(keyOf(bytes, 'classic')).toBe(BASIC);
    expect(keyOf(bytes, 'mp')).toBe(`800e1500020110${GLOBAL}00${BASIC}`);
  });

  test('does not depend on the reserved octet, the flags or the routes', () => {
    const long = `b00e002300020110${GLOBAL}ff3020010db800773020010db80078`;
    const other = update('', long + BASIC, '');
    expect(keyOf(other, 'mp')).toBe(keyOf(update('', BASIC + MP_REACH, ''), 'mp'));
  });

  test('keeps a tail that is cut short', () => {
    const bytes = update('', `${BASIC}${MP_UNREACH}c008ff`, PREFIX);
    expect(keyOf(bytes, 'classic')).toBe(`${BASIC}c008ff`);
  });

  test('decodes to what the whole block decodes to', () => {
    fc.assert(
      fc.property(updateContent, codecContext, (content, of) => {
        if (content.type === 'withdraw') return;
        const bytes = encodeUpdate(content, of);
        const scan = scanned(bytes, of);
        const reachable = content.family === 'ipv4-unicast' ? 'classic' : 'mp';
        const key = Buffer.alloc(bytes.length);
        const end = writeAttributeKey(bytes, scan, reachable, key, 0);
        expect(end).toBeLessThanOrEqual(scan.attributesEnd - scan.attributesStart);
        const { attributesStart, attributesEnd } = scan;
        expect(decodeAttributes(key, 0, end, of, reachable)).toEqual(
          decodeAttributes(bytes, attributesStart, attributesEnd, of, reachable),
        );
      }),
      RUNS,
    );
  });
});
