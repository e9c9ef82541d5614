import { describe, expect, test } from 'vitest';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { hex, message, update } from '../wire/fixtures.ts';
import type { RawPeer, RawPeerOptions } from './raw-peer.ts';
import { OWN_ASN, peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

/* Faults of OPEN: what a connection is told, or what session comes of it. */

const PEER = '10.0.0.2';
const EXTERNAL = 65001;
/** Version 4, AS 64512, hold time 90, identifier 10.0.0.2. */
const FIXED = '04 fc00 005a 0a000002';
const MP_IPV4 = '010400010001';
const AS4 = '41040000fc00';

const byte = (value: number): string => value.toString(16).padStart(2, '0');
const word = (value: number): string => value.toString(16).padStart(4, '0');

/** An OPEN with these capabilities in one parameter. */
function withCapabilities(capabilities: string, fixed = FIXED): Buffer {
  const size = hex(capabilities).length;
  return message(1, `${fixed} ${byte(size + 2)} 02 ${byte(size)} ${capabilities}`);
}

class Opening {
  readonly station = new Station();
  readonly peer: RawPeer;

  constructor(config: object = {}, options: Partial<RawPeerOptions> = {}) {
    this.station.start({ peers: [peerAt(PEER, { passive: true, ...config })] });
    this.peer = this.station.raw(PEER, options);
    this.peer.dial(SPEAKER_ADDRESS);
    this.station.seconds(1);
  }

  /** What comes of these bytes and a KEEPALIVE: the NOTIFICATION, or the state. */
  outcome(open: Uint8Array): string {
    this.peer.send(open);
    this.station.seconds(1);
    if (this.peer.connected) this.peer.keepalive();
    this.station.seconds(1);
    return this.peer.lastWord ?? this.station.state(PEER);
  }
}

const outcomeOf = (open: Uint8Array, config: object = {}): string =>
  new Opening(config).outcome(open);

describe('fixed fields', () => {
  test.each([
    ['version 3', `03${FIXED.slice(2)}`, '2/1 0004'],
    ['version 5', `05${FIXED.slice(2)}`, '2/1 0004'],
    ['AS mismatch', '04 fc01 005a 0a000002', '2/2 '],
    ['AS 0', '04 0000 005a 0a000002', '2/2 '],
    ['AS_TRANS without capability', '04 5ba0 005a 0a000002', '2/2 '],
    ['hold 1', '04 fc00 0001 0a000002', '2/6 '],
    ['hold 2', '04 fc00 0002 0a000002', '2/6 '],
    ['router id 0', '04 fc00 005a 00000000', '2/3 '],
    ['router id equal to ours', '04 fc00 005a 0a000001', '2/3 '],
    ['router id multicast (RFC 6286: any but 0)', '04 fc00 005a e0000001', 'Established'],
  ])('%s', (_what, fixed, outcome) => {
    expect(outcomeOf(message(1, `${fixed} 00`))).toBe(outcome);
  });

  test.each([
    [0, 0],
    [3, 3],
    [65535, 90],
  ])('hold %i is taken', (proposed, negotiated) => {
    const opening = new Opening();
    const open = message(1, `04 fc00 ${word(proposed)} 0a000002 00`);
    expect(opening.outcome(open)).toBe('Established');
    expect(opening.station.peer(PEER).negotiated?.holdTime).toBe(negotiated);
  });

  test('router id equal to ours, from another AS', () => {
    const open = message(1, '04 fde9 005a 0a000001 00');
    expect(outcomeOf(open, { asn: EXTERNAL })).toBe('Established');
  });

  test.each([
    ['AS_TRANS in the field', '5ba0'],
    ['its lower half in the field', 'ea01'],
    ['an unrelated number in the field', '0001'],
  ])('4-byte AS vs 2-byte field: the capability counts, with %s', (_what, field) => {
    const asn = 4_200_000_001;
    const open = withCapabilities(`${MP_IPV4}4104fa56ea01`, `04 ${field} 005a 0a000002`);
    expect(outcomeOf(open, { asn })).toBe('Established');
  });

  test('4-byte AS vs 2-byte field: AS 0 in the capability', () => {
    expect(outcomeOf(withCapabilities(`${MP_IPV4}410400000000`))).toBe('2/2 ');
  });

  test('4-byte AS vs 2-byte field: another AS in the capability', () => {
    expect(outcomeOf(withCapabilities(`${MP_IPV4}41040000fde9`))).toBe('2/2 ');
  });
});

describe('optional parameters', () => {
  test.each([
    ['parameter lengths lying by +1: all of them', '09 02 06'],
    ['parameter lengths lying by -1: all of them', '07 02 06'],
    ['parameter lengths lying by +1: the parameter', '08 02 07'],
    ['parameter lengths lying by -1: the parameter', '08 02 05'],
    ['parameter lengths lying: 0 and octets behind it', '00 02 06'],
    ['capability too long for its parameter', '08 02 06', '01 05 00010001'],
  ])('%s', (_what, lengths, capability = MP_IPV4) => {
    expect(outcomeOf(message(1, `${FIXED} ${lengths} ${capability}`))).toBe('2/0 ');
  });

  test.each([0, 1, 3, 254])('unknown parameter %i', (type) => {
    expect(outcomeOf(message(1, `${FIXED} 03 ${byte(type)} 01 00`))).toBe('2/4 ');
  });

  test('unknown parameter 255 behind another (RFC 9072: only the first may be)', () => {
    expect(outcomeOf(message(1, `${FIXED} 0b 02 06 ${MP_IPV4} ff 01 00`))).toBe('2/4 ');
  });

  test.each([
    ['255/255', 'ff ff 0009 02 0006'],
    ['255 as type alone', '08 ff 0009 02 0006'],
  ])('the extended form with %s', (_what, lengths) => {
    expect(outcomeOf(message(1, `${FIXED} ${lengths} ${MP_IPV4}`))).toBe('Established');
  });

  test.each([
    ['every truncation', Buffer.from(withCapabilities(`${MP_IPV4}${AS4}`))],
    ['every truncation of the extended form', message(1, `${FIXED} ffff0009 020006 ${MP_IPV4}`)],
  ])('%s', (_what, whole) => {
    for (let length = 19; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length));
      cut.writeUInt16BE(length, 16);
      const expected = length < 29 ? `1/2 ${word(length)}` : '2/0 ';
      expect(outcomeOf(cut), `${length} octets`).toBe(expected);
    }
  });
});

describe('capabilities', () => {
  test('duplicate capabilities', () => {
    const opening = new Opening();
    const twice = `${MP_IPV4}${AS4}`.repeat(2);
    expect(opening.outcome(withCapabilities(twice))).toBe('Established');
    expect(opening.station.peer(PEER).negotiated?.families).toEqual(['ipv4-unicast']);
  });

  test('250 capabilities', () => {
    const more = Array.from({ length: 250 }, (_, i): Capability => {
      return { type: 'unknown', code: 128 + (i % 100), value: Uint8Array.of(i) };
    });
    const opening = new Opening({}, { more });
    expect(opening.outcome(opening.peer.open())).toBe('Established');
  });

  test.each([0, 1, 64, 255])('software version (75) of %i octets', (size) => {
    const text = size === 0 ? '' : `${byte(size - 1)}${'41'.repeat(size - 1)}`;
    const capabilities = `${MP_IPV4} 4b${byte(size)}${text}`;
    const length = hex(capabilities).length;
    const body = `${FIXED} ffff${word(length + 3)} 02${word(length)} ${capabilities}`;
    expect(outcomeOf(message(1, body))).toBe('Established');
  });

  test.each([1, 2, 5, 6, 9, 64, 69, 70, 71, 73, 75])('capability length 0: %i', (code) => {
    expect(outcomeOf(withCapabilities(`${MP_IPV4}${byte(code)}00`))).toBe('Established');
  });

  test.each([1, 2, 5, 6, 9, 64, 69, 70, 71, 73, 75])('capability length too long: %i', (code) => {
    const long = `${byte(code)}0b${'ff'.repeat(11)}`;
    expect(outcomeOf(withCapabilities(`${MP_IPV4}${long}`))).toBe('Established');
  });

  test.each(['4100', '41050000fc0000'])('AS4 capability of wrong length: %s', (capability) => {
    expect(outcomeOf(withCapabilities(`${MP_IPV4}${capability}`))).toBe('2/0 ');
  });

  test('MP for unknown AFI', () => {
    const opening = new Opening();
    const open = withCapabilities(`010440040047 0104000100ff ${MP_IPV4}`);
    expect(opening.outcome(open)).toBe('Established');
    expect(opening.station.peer(PEER).negotiated?.families).toEqual(['ipv4-unicast']);
  });

  test('MP for unknown AFI alone', () => {
    expect(outcomeOf(withCapabilities('010440040047'))).toBe('2/7 010400010001010400020001');
  });

  test('no MP at all (implicit IPv4)', () => {
    const opening = new Opening();
    expect(opening.outcome(withCapabilities(AS4))).toBe('Established');
    expect(opening.station.peer(PEER).negotiated?.families).toEqual(['ipv4-unicast']);
  });

  test.each(['4003407800', '40054078000101', '400740780001018000'])(
    'GR capability of odd length: %s is ignored',
    (capability) => {
      const opening = new Opening();
      expect(opening.outcome(withCapabilities(`${MP_IPV4}${capability}`))).toBe('Established');
      expect(opening.station.peer(PEER).negotiated?.gracefulRestart).toBeUndefined();
    },
  );
});

describe('order and time', () => {
  test('second OPEN when established', () => {
    const opening = new Opening();
    expect(opening.outcome(opening.peer.open())).toBe('Established');
    expect(opening.outcome(opening.peer.open())).toBe('5/3 01');
  });

  test('second OPEN before KEEPALIVE', () => {
    const { station, peer } = new Opening();
    peer.send(peer.open());
    peer.send(peer.open());
    station.seconds(1);
    expect(peer.lastWord).toBe('5/2 01');
  });

  test('OPEN after 4 min', () => {
    const { station, peer } = new Opening();
    station.seconds(237);
    expect(peer.connected).toBe(true);
    station.seconds(5);
    expect(peer.lastWord).toBe('4/0 ');
    expect(peer.connected).toBe(false);
  });

  test.each([
    ['UPDATE', update('', '', ''), '5/1 02'],
    ['KEEPALIVE', message(4, ''), '5/1 04'],
    ['ROUTE-REFRESH', message(5, '00010001'), '5/1 05'],
  ])('%s before OPEN', (_what, bytes, outcome) => {
    expect(outcomeOf(bytes)).toBe(outcome);
  });

  test('dynamic capability message (type 6), un-negotiated and truncated', () => {
    const opening = new Opening();
    expect(opening.outcome(opening.peer.open())).toBe('Established');
    expect(opening.outcome(message(6, '00'))).toBe('1/3 06');
  });
});

test('an OPEN that is refused leaves the next one its chance', () => {
  const { station, peer } = new Opening();
  peer.send(message(1, `03${FIXED.slice(2)} 00`));
  station.seconds(40);
  const again = station.raw(PEER, { asn: OWN_ASN });
  again.dial(SPEAKER_ADDRESS, 'answer');
  station.seconds(1);
  expect(station.state(PEER)).toBe('Established');
});
