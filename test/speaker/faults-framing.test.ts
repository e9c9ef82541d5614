import { describe, expect, test } from 'vitest';
import { encodeKeepalive } from '../../src/wire/keepalive.ts';
import { message, update } from '../wire/fixtures.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, SPEAKER_ADDRESS, Station } from './station.ts';

/* Faults of framing: what the bytes of a connection are, before they are messages. */

const PEER = '10.0.0.2';
/** ORIGIN, AS_PATH, NEXT_HOP and LOCAL_PREF of a plain iBGP route. */
const ATTRIBUTES = '40010100 400200 4003040a000002 40050400000064';
const ROUTE = update('', ATTRIBUTES, '100a09');
const MARKER = 'ff'.repeat(16);

function stationWith(over: object = {}): Station {
  const station = new Station();
  station.start({ peers: [peerAt(PEER, { passive: true, gracefulRestart: false, ...over })] });
  return station;
}

/** A session without extended messages on which these bytes come in one segment. */
function afterBytes(bytes: Uint8Array): RawPeer {
  const station = stationWith({ extendedMessages: false });
  const peer = station.established(PEER);
  peer.send(bytes);
  station.seconds(1);
  return peer;
}

/** The answer to these bytes in place of an OPEN. */
function answerBeforeOpen(bytes: Uint8Array): RawPeer {
  const station = stationWith();
  const peer = station.raw(PEER);
  peer.dial(SPEAKER_ADDRESS);
  station.seconds(1);
  peer.send(bytes);
  station.seconds(1);
  expect(peer.connected).toBe(false);
  return peer;
}

const octetHex = (value: number): string => value.toString(16).padStart(2, '0');

/** A header alone. */
const header = (length: number, type: number, marker = MARKER): Buffer =>
  Buffer.from(`${marker}${length.toString(16).padStart(4, '0')}${octetHex(type)}`, 'hex');

/** An UPDATE of exactly `length` octets: one route and an unknown attribute as long as it takes. */
function updateOf(length: number): Buffer {
  const value = length - 23 - Buffer.from(ATTRIBUTES.replaceAll(' ', ''), 'hex').length - 4 - 3;
  const unknown = `d0c8${value.toString(16).padStart(4, '0')}${'00'.repeat(value)}`;
  return update('', `${ATTRIBUTES}${unknown}`, '100a09');
}

describe('a stream is taken however it is cut', () => {
  test('1 byte per segment', () => {
    const station = stationWith();
    const peer = station.raw(PEER);
    peer.dial(SPEAKER_ADDRESS);
    station.seconds(1);
    const stream = Buffer.concat([peer.open(), encodeKeepalive(), ROUTE]);
    for (const octet of stream) peer.send(Uint8Array.of(octet));
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    expect(station.best()).toEqual(['10.9.0.0/16']);
  });

  test('200 messages in one segment', () => {
    const station = stationWith();
    const peer = station.established(PEER);
    const updates = Array.from({ length: 200 }, (_, i) =>
      update('', ATTRIBUTES, `180a09${octetHex(i)}`),
    );
    peer.send(Buffer.concat(updates));
    station.seconds(1);
    expect(station.best()).toHaveLength(200);
    expect(station.peer(PEER).received.update).toBe(200);
  });

  test('split at every offset', () => {
    const station = stationWith();
    const peer = station.established(PEER);
    const stream = Buffer.concat([ROUTE, encodeKeepalive(), update('100a09', '', '')]);
    for (let at = 1; at < stream.length; at++) {
      peer.send(stream.subarray(0, at));
      station.seconds(1);
      const announced = at >= ROUTE.length && at < stream.length;
      expect(station.best(), `cut at ${at}`).toEqual(announced ? ['10.9.0.0/16'] : []);
      peer.send(stream.subarray(at));
      station.seconds(1);
      expect(station.best(), `cut at ${at}`).toEqual([]);
    }
    expect(station.state(PEER)).toBe('Established');
  });

  test.each([
    [4096, []],
    [65535, [{ type: 'extended-message' }]],
  ] as const)('length %i exact', (length, more) => {
    const station = stationWith({ extendedMessages: more.length > 0 });
    const peer = station.established(PEER, { more });
    const bytes = updateOf(length);
    expect(bytes).toHaveLength(length);
    peer.send(bytes);
    station.seconds(1);
    expect(station.state(PEER)).toBe('Established');
    expect(station.best()).toEqual(['10.9.0.0/16']);
  });
});

describe('a header is refused', () => {
  test.each(Array.from({ length: 16 }, (_, at) => at))('marker not all ones: octet %i', (at) => {
    const bytes = Buffer.from(encodeKeepalive());
    bytes[at] = 0xfe;
    expect(afterBytes(bytes).lastWord).toBe('1/1 ');
  });

  test.each([
    ['length 0', 0, 4, '1/2 0000'],
    ['length 18', 18, 4, '1/2 0012'],
    ['length 19 with wrong type: OPEN', 19, 1, '1/2 0013'],
    ['length 19 with wrong type: UPDATE', 19, 2, '1/2 0013'],
    ['length 19 with wrong type: ROUTE-REFRESH', 19, 5, '1/2 0013'],
    ['length 19 with wrong type: 9', 19, 9, '1/3 09'],
    ['length 22 of an UPDATE', 22, 2, '1/2 0016'],
    ['length 28 of an OPEN', 28, 1, '1/2 001c'],
    ['KEEPALIVE of 20 bytes', 20, 4, '1/2 0014'],
  ])('%s', (_what, length, type, word) => {
    expect(afterBytes(Buffer.concat([header(length, type), Buffer.alloc(8)])).lastWord).toBe(word);
  });

  test.each([
    ['length 4097', 4097, '1/2 1001'],
    ['length 65535', 65535, '1/2 ffff'],
  ])('%s without extended messages', (_what, length, word) => {
    expect(afterBytes(header(length, 2)).lastWord).toBe(word);
  });

  test.each([1, 4])('length 4097 with extended messages, of type %i', (type) => {
    const station = stationWith({ extendedMessages: true });
    const peer = station.established(PEER, { more: [{ type: 'extended-message' }] });
    peer.send(header(4097, type));
    station.seconds(1);
    expect(peer.lastWord).toBe('1/2 1001');
  });

  test('type 0, 6-255', () => {
    for (const type of [0, ...Array.from({ length: 250 }, (_, i) => i + 6)]) {
      const word = afterBytes(message(type, '')).lastWord;
      expect(word, `type ${type}`).toBe(`1/3 ${octetHex(type)}`);
    }
  });
});

describe('half a message', () => {
  test.each([1, 18, 19, 30])('of %i octets, then silence', (length) => {
    const station = stationWith();
    const peer = station.established(PEER, { holdTime: 30 });
    peer.announce(['10.8.0.0/16']);
    peer.hush();
    peer.send(ROUTE.subarray(0, length));
    station.seconds(28);
    expect(station.state(PEER)).toBe('Established');
    station.seconds(12);
    expect(peer.lastWord).toBe('4/0 ');
    expect(station.paths()).toEqual([]);
  });

  test.each([1, 18, 19, 30])('of %i octets, then FIN', (length) => {
    const station = stationWith();
    const peer = station.established(PEER);
    peer.announce(['10.8.0.0/16']);
    station.seconds(1);
    expect(station.best()).toEqual(['10.8.0.0/16']);
    peer.connection.end(ROUTE.subarray(0, length));
    station.seconds(2);
    expect(station.state(PEER)).not.toBe('Established');
    expect(peer.notifications).toEqual([]);
    expect(station.paths()).toEqual([]);
  });
});

describe('another protocol', () => {
  test.each([
    ['garbage before OPEN', '00112233445566778899aabbccddeeff'],
    ['HTTP on 179', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n').toString('hex')],
    ['TLS hello on 179', '16030100c8010000c40303'],
    ['SSH on 179', Buffer.from('SSH-2.0-OpenSSH_9.7\r\n').toString('hex')],
  ])('%s', (_what, bytes) => {
    expect(answerBeforeOpen(Buffer.from(bytes, 'hex')).lastWord).toBe('1/1 ');
  });

  test('garbage before OPEN: an OPEN behind it is not read', () => {
    const station = stationWith();
    const open = station.raw(PEER).open();
    const peer = answerBeforeOpen(Buffer.concat([Buffer.from('\n'), open]));
    expect(peer.notifications).toHaveLength(1);
    expect(peer.lastWord).toBe('1/1 ');
  });

  test('HTTP on 179 from a stranger is closed without a byte', () => {
    const station = stationWith();
    const stranger = station.raw('10.0.0.66');
    stranger.dial(SPEAKER_ADDRESS);
    station.seconds(1);
    expect(stranger.received).toEqual([]);
    expect(stranger.connected).toBe(false);
  });
});
