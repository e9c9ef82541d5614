import { describe, expect, test } from 'vitest';
import { hex, message, update } from '../wire/fixtures.ts';
import {
  AS_PATH,
  attribute,
  byte,
  EXTERNAL,
  Exchange,
  GLOBAL,
  type Kind,
  LOCAL_PREF,
  mpReach,
  NEXT_HOP,
  NLRI,
  ORIGIN,
  PEER,
  plain,
} from './raw-routes.ts';
import { OWN_ASN, peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

/* Faults of attributes: their lengths and values, and what nobody knows. */

const THIRD_ASN = 65099;
const fixed = (size: number) => (length: number) => length === size;
const manyOf = (size: number) => (length: number) => length > 0 && length % size === 0;
const never = (): boolean => false;

interface Row {
  readonly flags: number;
  readonly type: number;
  readonly kind: Kind;
  /** A well-formed value; longer ones repeat it. */
  readonly value: string;
  readonly fits: (length: number) => boolean;
  /** What becomes of routes with a malformed one. */
  readonly malformed: 'withdrawn' | 'used';
}

const row = (
  kind: Kind,
  flags: number,
  type: number,
  value: string,
  fits: Row['fits'],
  malformed: Row['malformed'],
): Row => ({ kind, flags, type, value, fits, malformed });

const ROWS: Readonly<Record<string, Row>> = {
  ORIGIN: row('ebgp', 0x40, 1, '00', fixed(1), 'withdrawn'),
  AS_PATH: row('ebgp', 0x40, 2, '02010000fde9', (length) => length % 6 === 0, 'withdrawn'),
  NEXT_HOP: row('ebgp', 0x40, 3, '0a000002', fixed(4), 'withdrawn'),
  MULTI_EXIT_DISC: row('ebgp', 0x80, 4, '00000001', fixed(4), 'withdrawn'),
  LOCAL_PREF: row('ibgp', 0x40, 5, '00000064', fixed(4), 'withdrawn'),
  ATOMIC_AGGREGATE: row('ebgp', 0x40, 6, '', fixed(0), 'used'),
  AGGREGATOR: row('ebgp', 0xc0, 7, '0000fde90a000002', fixed(8), 'used'),
  COMMUNITIES: row('ebgp', 0xc0, 8, 'fde90001', manyOf(4), 'withdrawn'),
  ORIGINATOR_ID: row('ibgp', 0x80, 9, '0a000009', fixed(4), 'withdrawn'),
  CLUSTER_LIST: row('ibgp', 0x80, 10, '0a000009', manyOf(4), 'withdrawn'),
  EXTENDED_COMMUNITIES: row('ebgp', 0xc0, 16, '0002fde900000001', manyOf(8), 'withdrawn'),
  'AS4_PATH (from an AS4 speaker)': row('ebgp', 0xc0, 17, '02010000fde9', never, 'used'),
  'AS4_AGGREGATOR (alone)': row('ebgp', 0xc0, 18, '0000fde90a000002', never, 'used'),
  PMSI_TUNNEL: row('ebgp', 0xc0, 22, '0006000000', (length) => length >= 5, 'withdrawn'),
  IPV6_EXTENDED_COMMUNITIES: row('ebgp', 0xc0, 25, '00'.repeat(20), manyOf(20), 'withdrawn'),
  AIGP: row('ebgp', 0x80, 26, '01000b0000000000000001', never, 'used'),
  LARGE_COMMUNITY: row('ebgp', 0xc0, 32, '0000fde90000000100000002', manyOf(12), 'withdrawn'),
  ONLY_TO_CUSTOMER: row('ebgp', 0xc0, 35, '0000fde9', fixed(4), 'withdrawn'),
  PREFIX_SID: row('ebgp', 0xc0, 40, '01000700000000000001', (length) => length % 10 === 0, 'used'),
};

/** `length` octets that begin with the well-formed value over and over. */
function filled(value: string, length: number): string {
  const unit = value === '' ? '00' : value;
  return unit.repeat(Math.ceil((length * 2) / unit.length)).slice(0, length * 2);
}

/** The attributes of a plain route, with one in the place of its like. */
function withOne(kind: Kind, type: number, one: string): string {
  const others = [ORIGIN, AS_PATH[kind], NEXT_HOP, ...(kind === 'ibgp' ? [LOCAL_PREF] : [])];
  return [...others.filter((other) => hex(other)[1] !== type), one].join(' ');
}

describe('each known attribute', () => {
  const cases = Object.entries(ROWS).flatMap(([name, one]) => {
    const size = one.value.length / 2;
    const room = 65_535 - 23 - hex(withOne(one.kind, one.type, '')).length - hex(NLRI).length - 4;
    const lengths: readonly (readonly [string, number])[] = [
      ['0', 0],
      ['n-1', size - 1],
      ['n+1', size + 1],
      ['255', 255],
      ['65535-capped', room],
    ];
    return lengths
      .filter(([, length]) => length >= 0)
      .map(([what, length]) => [name, what, length, one] as const);
  });

  test.each(cases)('%s at length %s (%i octets)', (_name, _what, length, one) => {
    const { kind, flags, type, value, fits, malformed } = one;
    const exchange = new Exchange(kind);
    const bytes = attribute(flags, type, filled(value, length));
    const whole = update('', withOne(kind, type, bytes), NLRI);
    const good = fits(length) && !(type === 40 && length === 0);
    expect(exchange.fateOf(whole)).toBe(good ? 'used' : malformed);
    // What was judged malformed never travels on.
    if (!good) expect(exchange.watcher.table.get('10.8.0.0/16')?.unknown ?? []).toEqual([]);
  });
});

describe('ORIGIN and AS_PATH', () => {
  test.each([3, 255])('ORIGIN %i', (origin) => {
    const bytes = update('', withOne('ebgp', 1, `400101${byte(origin)}`), NLRI);
    expect(new Exchange('ebgp').fateOf(bytes)).toBe('withdrawn');
  });

  const SET = '0102 0000fde9 0000fdea';
  test.each([
    ['segment type 0', '00010000fde9', 'withdrawn'],
    ['segment type 5', '05010000fde9', 'withdrawn'],
    ['count 0', '0200', 'withdrawn'],
    ['count 0 behind a good segment', '02010000fde9 0200', 'withdrawn'],
    ['count lying: one more', '02020000fde9', 'withdrawn'],
    ['count lying: one less', '02010000fde90000fdea', 'withdrawn'],
    ['AS_SET', `02010000fde9 ${SET}`, 'rejected as-set'],
    ['confederation from outside (sequence)', '03010000fde9', 'withdrawn'],
    ['confederation from outside (set)', '02010000fde9 04010000fdea', 'withdrawn'],
    ['own AS (loop)', '0203 0000fde9 0000fc00 0000fdea', 'rejected own-as'],
    ['AS 0', '0202 0000fde9 00000000', 'withdrawn'],
    ['23456 mixes', '0203 0000fde9 00005ba0 fa56ea01', 'used'],
    ['empty', '', 'used'],
  ])('AS_PATH: %s', (_what, path, fate) => {
    const bytes = update(
      '',
      withOne('ebgp', 2, attribute(0x40, 2, path.replaceAll(' ', ''))),
      NLRI,
    );
    expect(new Exchange('ebgp').fateOf(bytes)).toBe(fate);
  });

  test.each([
    ['AS_SET', SET, 'used'],
    ['confederation segments', '03010000fde9', 'used'],
  ])('AS_PATH from inside: %s', (_what, path, fate) => {
    const one = attribute(0x40, 2, path.replaceAll(' ', ''));
    expect(new Exchange('ibgp').fateOf(update('', withOne('ibgp', 2, one), NLRI))).toBe(fate);
  });

  test.each([255, 2048, 16_000])('AS_PATH of %i AS numbers, and ours before it', (count) => {
    const segments = Array.from({ length: Math.ceil(count / 255) }, (_, at) => {
      const size = Math.min(255, count - at * 255);
      return `02${byte(size)}${'0000fde9'.repeat(size)}`;
    });
    const exchange = new Exchange('ebgp', {}, THIRD_ASN);
    const one = attribute(0x40, 2, segments.join(''));
    expect(exchange.fateOf(update('', withOne('ebgp', 2, one), NLRI))).toBe('used');
    const told = exchange.watcher.table.get('10.8.0.0/16')?.asPath?.flatMap(({ asns }) => asns);
    expect(told).toEqual([OWN_ASN, ...Array.from({ length: count }, () => EXTERNAL)]);
  });
});

describe('on a session of 2-octet AS numbers', () => {
  const PATH = attribute(0x40, 2, '0202 fde9 5ba0'.replaceAll(' ', ''));

  /** What is held of 10.8.0.0/16, or nothing. */
  function heldAs(attributes: string): string {
    const station = new Station();
    const open = { passive: true, importPolicy: 'accept', exportPolicy: 'accept' };
    station.start({
      peers: [peerAt(PEER, { ...open, asn: EXTERNAL }), peerAt('10.0.0.3', open)],
    });
    const watcher = station.established('10.0.0.3');
    const peer = station.raw(PEER, { asn: EXTERNAL });
    peer.dial(SPEAKER_ADDRESS);
    station.seconds(1);
    peer.send(peer.open({ capabilities: [{ type: 'multiprotocol', afi: 1, safi: 1 }] }));
    peer.keepalive();
    station.seconds(1);
    peer.send(update('', `${ORIGIN} ${NEXT_HOP} ${attributes}`, '100a08'));
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    const route = watcher.table.get('10.8.0.0/16');
    if (route === undefined) return 'nothing';
    const asns = route.asPath?.flatMap((segment) => segment.asns).join(' ');
    return [asns, ...(route.aggregator ? [`aggregator ${route.aggregator.asn}`] : [])].join(', ');
  }

  const as4Path = (...asns: readonly string[]): string =>
    attribute(0xc0, 17, `02${byte(asns.length)}${asns.join('')}`);

  test.each([
    ['AS4_PATH as long as it should be', `${PATH} ${as4Path('fa56ea01')}`, '65001 4200000001'],
    [
      'AS4_PATH longer than AS_PATH is ignored',
      `${PATH} ${as4Path('fa56ea01', 'fa56ea02', 'fa56ea03')}`,
      '65001 23456',
    ],
    ['AS4_PATH before AS_PATH', `${as4Path('fa56ea01')} ${PATH}`, '65001 4200000001'],
    ['AS4_PATH of length 1', `${PATH} c01101ff`, '65001 23456'],
    ['AS4_PATH with AS 0', `${PATH} ${as4Path('00000000')}`, '65001 23456'],
    ['AS4_PATH without AS_PATH', as4Path('fa56ea01'), 'nothing'],
    ['23456 mixes without AS4_PATH', PATH, '65001 23456'],
    ['AGGREGATOR of 8 octets', `${PATH} c00708000000010a000002`, '65001 23456'],
    ['AGGREGATOR with AS 0', `${PATH} c0070600000a000002`, '65001 23456'],
    [
      'AS4_AGGREGATOR with AS 0',
      `${PATH} c007065ba00a000002 c01208000000000a000002`,
      '65001 23456, aggregator 23456',
    ],
    [
      'AS4_AGGREGATOR and AGGREGATOR',
      `${PATH} c007065ba00a000002 c01208fa56ea010a000002`,
      '65001 23456, aggregator 4200000001',
    ],
  ])('%s', (_what, attributes, held) => {
    expect(heldAs(attributes)).toBe(held);
  });
});

describe('next hops', () => {
  test.each([
    ['0.0.0.0', '00000000', 'withdrawn'],
    ['127/8', '7f000001', 'withdrawn'],
    ['class D', 'e0000001', 'withdrawn'],
    ['class E', 'f0000001', 'withdrawn'],
    ['255.255.255.255', 'ffffffff', 'withdrawn'],
    ['our own address', '0a000001', 'rejected own-next-hop'],
    ["peer's address", '0a000002', 'used'],
    ['not on subnet', 'c0000201', 'unresolved next-hop-unresolved'],
  ])('NEXT_HOP %s', (_what, address, fate) => {
    const exchange = new Exchange('ebgp', {}, OWN_ASN, { kernel: { learn: true } });
    const bytes = update('', withOne('ebgp', 3, `400304${address}`), NLRI);
    expect(exchange.fateOf(bytes)).toBe(fate);
  });

  test.each([0, 4, 8, 12, 15, 16, 24, 32, 48])('MP next hop of %i bytes', (length) => {
    const nextHop = `${GLOBAL}fe80${'00'.repeat(13)}02${'00'.repeat(16)}`.slice(0, length * 2);
    const reach = mpReach(nextHop).replaceAll(' ', '');
    const bytes = update('', `${reach} ${ORIGIN} ${AS_PATH.ebgp}`, '');
    const good = length === 16 || length === 32;
    expect(new Exchange('ebgp').fateOf(bytes, 6)).toBe(good ? 'used' : `reset 3/9 ${reach}`);
  });

  test('MP next hop length beyond the attribute', () => {
    const reach = attribute(0x80, 14, '00020120fd000000');
    const bytes = update('', `${reach} ${ORIGIN} ${AS_PATH.ebgp}`, '');
    expect(new Exchange('ebgp').fateOf(bytes, 6)).toBe(`reset 3/9 ${reach}`);
  });

  test.each([
    ['link-local only', `fe80${'00'.repeat(13)}02`],
    ['link-local only, behind ::', `${'00'.repeat(16)}fe80${'00'.repeat(13)}02`],
  ])('MP next hop %s never harms the session', (_what, nextHop) => {
    const bytes = update('', `${mpReach(nextHop)} ${ORIGIN} ${AS_PATH.ebgp}`, '');
    expect(new Exchange('ebgp').fateOf(bytes, 6)).not.toMatch(/^reset/);
  });
});

describe('communities and reflection', () => {
  test.each([
    ['communities not multiple of 4', attribute(0xc0, 8, 'fde900010001')],
    ['extended communities not multiple of 8', attribute(0xc0, 16, '0002fde90000000100')],
    ['large communities not multiple of 12', attribute(0xc0, 32, `${'00'.repeat(12)}01`)],
    ['CLUSTER_LIST of length 3', attribute(0x80, 10, '0a0000')],
  ])('%s', (_what, one) => {
    const bytes = update('', `${plain('ibgp')} ${one}`, NLRI);
    expect(new Exchange('ibgp').fateOf(bytes)).toBe('withdrawn');
  });

  test.each([
    [
      'CLUSTER_LIST with our id',
      attribute(0x80, 10, '0a0000090a000001'),
      'rejected own-cluster-id',
    ],
    ['CLUSTER_LIST of 1000 ids', attribute(0x80, 10, '0a000009'.repeat(1000)), 'used'],
    ['ORIGINATOR_ID ours', attribute(0x80, 9, '0a000001'), 'rejected own-originator-id'],
  ])('%s', (_what, one, fate) => {
    const bytes = update('', `${plain('ibgp')} ${one}`, NLRI);
    expect(new Exchange('ibgp').fateOf(bytes)).toBe(fate);
  });
});

describe('what nobody knows', () => {
  /** What another peer hears of the type, if it hears of the routes at all. */
  function passedOn(one: string, type: number): { fate: string; heard: string | undefined } {
    const exchange = new Exchange('ebgp');
    const fate = exchange.fateOf(update('', `${plain('ebgp')} ${one}`, NLRI));
    const told = exchange.watcher.lastUpdate.toString('hex');
    const raw = exchange.watcher.table.get('10.8.0.0/16')?.unknown.find((at) => at.type === type);
    if (raw === undefined) return { fate, heard: undefined };
    const value = Buffer.from(raw.value).toString('hex');
    const heard = [0xe0, 0xc0, 0xf0, 0xd0]
      .map((flags) => attribute(flags, type, value))
      .find((text) => told.includes(text));
    return { fate, heard };
  }

  test('unknown optional transitive 1 kB (kept, Partial set)', () => {
    const value = 'ab'.repeat(1024);
    const { fate, heard } = passedOn(attribute(0xc0, 200, value), 200);
    expect(fate).toBe('used');
    expect(heard).toBe(attribute(0xe0, 200, value));
  });

  test.each([
    [255, 'a value of any kind', '00ff00ff'],
    [255, 'nothing in it', ''],
    [28, 'Entropy Label of June 2023', '00'],
    [99, 'RIPE and Duke, August 2010', 'ab'.repeat(3000)],
    [128, 'ATTR_SET of one octet', '00'],
    [40, 'a well-formed Prefix-SID', '01000700000000000001'],
    [23, 'Tunnel Encapsulation, TLV length beyond the value', '000fffff'],
  ])('attribute %i, %s, travels on', (type, _what, value) => {
    const { fate, heard } = passedOn(attribute(0xc0, type, value), type);
    expect(fate).toBe('used');
    expect(heard).toBe(attribute(0xe0, type, value));
  });

  test.each([
    [35, 'OTC of 1024 octets (BIRD <= 2.0.8, October 2025)', '00'.repeat(1024), 'withdrawn'],
    [40, 'Prefix-SID of 28 zero bytes (May 2025)', '00'.repeat(28), 'used'],
    [40, 'Prefix-SID, TLV length beyond the value', '01ffff00', 'used'],
  ])('attribute %i, %s, does not', (type, _what, value, fate) => {
    expect(passedOn(attribute(0xc0, type, value), type)).toEqual({ fate, heard: undefined });
  });

  test('unknown non-transitive is dropped', () => {
    const one = attribute(0x80, 200, 'abcd');
    expect(passedOn(one, 200)).toEqual({ fate: 'used', heard: undefined });
  });

  test('unknown well-known: the routes are withdrawn, as by BIRD and FRR', () => {
    const one = attribute(0x40, 200, 'abcd');
    expect(passedOn(one, 200)).toEqual({ fate: 'withdrawn', heard: undefined });
  });

  test('all attribute types, one after the other, leave the session alone', () => {
    const exchange = new Exchange('ebgp');
    for (let type = 0; type < 256; type++) {
      if (type === 14 || type === 15) continue;
      exchange.peer.send(update('', `${plain('ebgp')} ${attribute(0xc0, type, '00')}`, NLRI));
    }
    expect(exchange.fate()).toBe('used');
  });

  test('a message in which every attribute is malformed is answered by nothing', () => {
    const all = Array.from({ length: 60 }, (_, type) => attribute(0xc0, type, 'ff'))
      .filter((_, type) => type !== 14 && type !== 15)
      .join('');
    const exchange = new Exchange('ebgp');
    expect(exchange.fateOf(update('', all, NLRI))).toBe('withdrawn');
    expect(exchange.fateOf(message(4, ''))).toBe('withdrawn');
  });
});
