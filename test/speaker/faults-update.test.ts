import { describe, expect, test } from 'vitest';
import { FAMILIES, type Family } from '../../src/net/family.ts';
import { hex, message, update } from '../wire/fixtures.ts';
import {
  AS_PATH,
  attribute,
  byte,
  Exchange,
  GLOBAL,
  LOCAL_PREF,
  mpReach,
  NEXT_HOP,
  NLRI,
  NLRI_IPV6,
  ORIGIN,
  PEER,
  plain,
  WATCHER,
} from './raw-routes.ts';

/* Faults of UPDATE structure: lengths, flags, what is twice or missing, and prefixes. */

const word = (value: number): string => value.toString(16).padStart(4, '0');
const MP_UNREACH = attribute(0x80, 15, `000201${NLRI_IPV6}`);

/** An UPDATE whose two length fields say what they are told to. */
const lying = (withdrawn: number, attributes: number, rest: string): Buffer =>
  message(2, `${word(withdrawn)}${word(attributes)}${rest}`);

const ends = ({ station }: Exchange): readonly Family[] =>
  FAMILIES.filter((family) => station.peer(PEER).routes.rib.counts(family).endOfRibReceived);

describe('lengths', () => {
  const block = plain('ebgp');
  const size = hex(block).length;
  const whole = `${block} ${NLRI}`;

  test.each([
    ['withdrawn length > message', lying(400, 0, ''), 'reset 3/1 '],
    ['withdrawn length leaves one octet', lying(1, 0, ''), 'reset 3/1 '],
    ['attribute length > rest', lying(0, 400, whole), 'reset 3/1 '],
    ['sum off by one: past the end', lying(0, hex(whole).length + 1, whole), 'reset 3/1 '],
    ['sum off by one: attributes give an octet to NLRI', lying(0, size - 1, whole), 'reset 3/10 '],
    ['sum off by one: attributes take an octet of NLRI', lying(0, size + 1, whole), 'reset 3/10 '],
    ['prefix truncated at end', update('', block, '100a09 180a08'), 'reset 3/10 '],
    ['prefix truncated at end of withdrawn', update('180a09', '', ''), 'reset 3/10 '],
    ['prefix of 33 bits', update('', block, '210a09000000'), 'reset 3/10 '],
    ['prefix of 255 bits', update('', block, `ff${'00'.repeat(32)}`), 'reset 3/10 '],
    ['an attribute overruns the block', update('', `${block} c00805ffff`, NLRI), 'withdrawn'],
    ['half an attribute header', update('', `${block} c008`, NLRI), 'withdrawn'],
  ])('%s', (_what, bytes, fate) => {
    expect(new Exchange('ebgp').fateOf(bytes)).toBe(fate);
  });

  test('prefix of 129 bits in MP_REACH_NLRI', () => {
    const reach = mpReach(GLOBAL, `81${'20'.repeat(17)}`);
    const bytes = update('', `${reach} ${ORIGIN} ${AS_PATH.ebgp}`, '');
    expect(new Exchange('ebgp').fateOf(bytes, 6)).toBe(`reset 3/9 ${reach.replaceAll(' ', '')}`);
  });

  test('extended-length flag with length < 256', () => {
    const long = [ORIGIN, AS_PATH.ebgp, NEXT_HOP].map((text) => {
      const [flags = 0, type = 0, ...value] = hex(text);
      return `${byte(flags | 0x10)}${byte(type)}00${Buffer.from(value).toString('hex')}`;
    });
    expect(new Exchange('ebgp').fateOf(update('', long.join(' '), NLRI))).toBe('used');
  });
});

describe('flags wrong per attribute (each of 8 combinations)', () => {
  const OF: Readonly<Record<string, readonly [definition: number, value: string, wrong: string]>> =
    {
      ORIGIN: [0x40, '01 00', 'withdrawn'],
      AS_PATH: [0x40, '02 0201 0000fde9', 'withdrawn'],
      NEXT_HOP: [0x40, '03 0a000002', 'withdrawn'],
      MULTI_EXIT_DISC: [0x80, '04 00000001', 'withdrawn'],
      LOCAL_PREF: [0x40, '05 00000064', 'withdrawn'],
      ATOMIC_AGGREGATE: [0x40, '06', 'withdrawn'],
      AGGREGATOR: [0xc0, '07 0000fde9 0a000002', 'withdrawn'],
      COMMUNITIES: [0xc0, '08 fde90001', 'withdrawn'],
      ORIGINATOR_ID: [0x80, '09 0a000009', 'withdrawn'],
      CLUSTER_LIST: [0x80, '0a 0a000009', 'withdrawn'],
      EXTENDED_COMMUNITIES: [0xc0, '10 0002fde900000001', 'withdrawn'],
      LARGE_COMMUNITY: [0xc0, '20 0000fde9 00000001 00000002', 'withdrawn'],
    };
  const combinations = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => bits << 5);
  const cases = Object.entries(OF).flatMap(([name, row]) =>
    combinations.map((flags) => [name, byte(flags), flags, row] as const),
  );

  test.each(cases)('%s with flags %s', (_name, _flags, flags, [definition, text, wrong]) => {
    const [type = 0, ...value] = hex(text);
    const others = plain('ebgp')
      .split(/ (?=4)/)
      .filter((other) => hex(other)[1] !== type);
    const one = attribute(flags, type, Buffer.from(value).toString('hex'));
    const right = (flags & 0xc0) === definition;
    const bytes = update('', [...others, one].join(' '), NLRI);
    expect(new Exchange('ebgp').fateOf(bytes)).toBe(right ? 'used' : wrong);
  });

  test.each(combinations.map((flags) => [byte(flags), flags] as const))(
    'MP_REACH_NLRI and MP_UNREACH_NLRI with flags %s',
    (_flags, flags) => {
      const right = (flags & 0xc0) === 0x80;
      const reach = mpReach(GLOBAL).replace('80', byte(flags)).replaceAll(' ', '');
      const announced = new Exchange('ebgp');
      const bytes = update('', `${reach} ${ORIGIN} ${AS_PATH.ebgp}`, '');
      expect(announced.fateOf(bytes, 6)).toBe(right ? 'used' : `reset 3/9 ${reach}`);
      const unreach = MP_UNREACH.replace('80', byte(flags)).replaceAll(' ', '');
      const withdrawn = new Exchange('ebgp');
      const fate = withdrawn.fateOf(update('', unreach, ''), 6);
      expect(fate).toBe(right ? 'withdrawn' : `reset 3/9 ${unreach}`);
    },
  );
});

describe('twice and missing', () => {
  test.each([
    ['duplicate attribute (same)', 'fde90001'],
    ['duplicate attribute (different): the first counts', 'fde90002'],
  ])('%s', (_what, second) => {
    const exchange = new Exchange('ebgp');
    const twice = `${attribute(0xc0, 8, 'fde90001')} ${attribute(0xc0, 8, second)}`;
    expect(exchange.fateOf(update('', `${plain('ebgp')} ${twice}`, NLRI))).toBe('used');
    const told = exchange.watcher.table.get('10.8.0.0/16')?.communities;
    expect(told).toEqual([0xfde90001]);
  });

  test.each([
    ['duplicate unknown attribute', attribute(0xc0, 200, '01')],
    ['duplicate ORIGIN, the second malformed', attribute(0x40, 1, '')],
  ])('%s', (_what, second) => {
    const bytes = update('', `${plain('ebgp')} ${attribute(0xc0, 200, '00')} ${second}`, NLRI);
    expect(new Exchange('ebgp').fateOf(bytes)).toBe('used');
  });

  test.each([
    ['MP_REACH twice (reset by RFC 7606)', `${mpReach(GLOBAL)} ${mpReach(GLOBAL)}`],
    ['MP_UNREACH twice', `${MP_UNREACH} ${MP_UNREACH}`],
  ])('%s', (_what, attributes) => {
    const bytes = update('', `${attributes} ${ORIGIN} ${AS_PATH.ebgp}`, '');
    expect(new Exchange('ebgp').fateOf(bytes, 6)).toBe('reset 3/1 ');
  });

  test.each([
    ['missing ORIGIN', [AS_PATH.ibgp, NEXT_HOP, LOCAL_PREF], 'withdrawn'],
    ['missing AS_PATH', [ORIGIN, NEXT_HOP, LOCAL_PREF], 'withdrawn'],
    ['missing NEXT_HOP', [ORIGIN, AS_PATH.ibgp, LOCAL_PREF], 'withdrawn'],
    ['missing LOCAL_PREF: 100', [ORIGIN, AS_PATH.ibgp, NEXT_HOP], 'used'],
    ['no attribute but an unknown transitive one', [attribute(0xc0, 200, '00')], 'withdrawn'],
    ['no attribute at all', [], 'withdrawn'],
  ])('%s', (_what, attributes, fate) => {
    const exchange = new Exchange('ibgp');
    expect(exchange.fateOf(update('', attributes.join(' '), NLRI))).toBe(fate);
    expect(exchange.watcher.held.includes('10.9.0.0/16')).toBe(fate === 'used');
  });

  test.each([
    ['LOCAL_PREF', attribute(0x40, 5, '00000001')],
    ['LOCAL_PREF, malformed', attribute(0x40, 5, '0001')],
    ['ORIGINATOR_ID', attribute(0x80, 9, '0a000009')],
    ['ORIGINATOR_ID, malformed', attribute(0x80, 9, '0a')],
    ['CLUSTER_LIST', attribute(0x80, 10, '0a000009')],
    ['CLUSTER_LIST, malformed', attribute(0x80, 10, '0a0000')],
  ])('iBGP attributes from eBGP (discard): %s', (_what, one) => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', `${plain('ebgp')} ${one}`, NLRI))).toBe('used');
    expect(exchange.watcher.table.get('10.8.0.0/16')).toMatchObject({
      localPref: 100,
      originatorId: undefined,
      clusterList: [],
    });
  });
});

describe('End-of-RIB', () => {
  test('empty UPDATE = EoR', () => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', '', ''))).toBe('ignored');
    expect(ends(exchange)).toEqual(['ipv4-unicast']);
  });

  test('empty MP_UNREACH_NLRI = EoR of its family', () => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', '800f03000201', ''))).toBe('ignored');
    expect(ends(exchange)).toEqual(['ipv6-unicast']);
  });

  test.each([
    ['a well-formed one', ORIGIN, 'ignored'],
    ['a malformed one (RFC 7606 §5.2)', '40010109', 'reset 3/1 '],
  ])('EoR with stray attributes: %s', (_what, stray, fate) => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', `800f03000201 ${stray}`, ''))).toBe(fate);
  });

  test.each(['800f020002', '800f0100', '800f00'])('malformed EoR: %s', (unreach) => {
    expect(new Exchange('ebgp').fateOf(update('', unreach, ''))).toBe(`reset 3/9 ${unreach}`);
  });

  test('EoR of a family that was not agreed is ignored', () => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', '800f0340040 47'.replace(' ', ''), ''))).toBe('ignored');
    expect(ends(exchange)).toEqual([]);
  });
});

describe('prefixes', () => {
  test('same prefix in withdrawn and NLRI is announced (RFC 4271 §4.3)', () => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('100a09', plain('ebgp'), NLRI))).toBe('used');
    expect(exchange.watcher.held).toContain('10.9.0.0/16');
  });

  test('same prefix in MP_UNREACH and MP_REACH is announced', () => {
    const attributes = `${mpReach(GLOBAL)} ${MP_UNREACH} ${ORIGIN} ${AS_PATH.ebgp}`;
    expect(new Exchange('ebgp').fateOf(update('', attributes, ''), 6)).toBe('used');
  });

  test('same prefix in both MP and classic: IPv4 in MP_REACH_NLRI, too', () => {
    const reach = attribute(0x80, 14, `0001010 4 0a000002 00 ${NLRI}`.replaceAll(' ', ''));
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', `${reach} ${plain('ebgp')}`, NLRI))).toBe('used');
    expect(exchange.station.paths().filter((path) => path.startsWith('10.9.'))).toHaveLength(1);
  });

  test('same prefix withdrawn in MP and announced in the classic field', () => {
    const unreach = attribute(0x80, 15, `000101${NLRI}`.replaceAll(' ', ''));
    const bytes = update('', `${unreach} ${plain('ebgp')}`, NLRI);
    expect(new Exchange('ebgp').fateOf(bytes)).toBe('used');
  });

  test('0/0', () => {
    const exchange = new Exchange('ebgp');
    exchange.fateOf(update('', plain('ebgp'), '00'));
    expect(exchange.watcher.held).toContain('0.0.0.0/0');
    exchange.fateOf(update('00', '', ''));
    expect(exchange.watcher.held).not.toContain('0.0.0.0/0');
  });

  test('thousands of the same prefix', () => {
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', plain('ebgp'), `${'100a09'.repeat(1300)}100a08`))).toBe(
      'used',
    );
    for (let count = 0; count < 3000; count++) {
      exchange.peer.send(
        update('', `${plain('ebgp')} ${attribute(0x80, 4, `0000${word(count)}`)}`, NLRI),
      );
    }
    expect(exchange.fate()).toBe('used');
    expect(exchange.watcher.table.get('10.9.0.0/16')?.med).toBe(2999);
    expect(exchange.fateOf(update('100a09'.repeat(1300), '', ''))).toBe('ignored');
  });

  test('host bits set', () => {
    const exchange = new Exchange('ebgp');
    exchange.fateOf(update('', plain('ebgp'), '14 0a1fff'));
    expect(exchange.watcher.held).toContain('10.31.240.0/20');
    exchange.fateOf(update('14 0a1ff0', '', ''));
    expect(exchange.watcher.held).not.toContain('10.31.240.0/20');
  });

  test('a withdrawal beside malformed attributes is done', () => {
    const bytes = update('100a09', `40010109 ${AS_PATH.ebgp} ${NEXT_HOP}`, '100a08');
    expect(new Exchange('ebgp').fateOf(bytes)).toBe('withdrawn');
  });

  test('families that were not agreed are passed over', () => {
    const flowspec = attribute(0x80, 14, '000185 00 00 00');
    const exchange = new Exchange('ebgp');
    const bytes = update('', `${flowspec} ${ORIGIN} ${AS_PATH.ebgp}`.replaceAll('  ', ' '), '');
    expect(exchange.fateOf(bytes)).toBe('ignored');
    expect(exchange.station.state(WATCHER)).toBe('Established');
  });
});
