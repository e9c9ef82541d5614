import { beforeEach, describe, expect, test } from 'vitest';
import { encodeRouteRefresh } from '../../src/wire/route-refresh.ts';
import type { RawPeer } from './raw-peer.ts';
import { peerAt, Station } from './station.ts';

const PEER = '10.0.0.2';
const OTHER = '10.0.0.3';
const FOUR = 'ipv4-unicast';
const ENHANCED = { more: [{ type: 'enhanced-route-refresh' }] } as const;
const [REQUEST, BORR, EORR] = [0, 1, 2];

let station: Station;
let peer: RawPeer;
let other: RawPeer;

beforeEach(() => {
  station = new Station();
  station.start({
    clusterId: '10.0.0.1',
    peers: [
      peerAt(PEER, { passive: true, reflectorClient: true }),
      peerAt(OTHER, { passive: true, reflectorClient: true }),
    ],
  });
  peer = station.established(PEER, ENHANCED);
  other = station.established(OTHER);
  peer.announce(['10.8.0.0/16', '10.9.0.0/16']);
  peer.endOfRib();
  station.seconds(1);
});

describe('a request', () => {
  test('is answered between BoRR and EoRR, and counted', () => {
    other.announce(['10.7.0.0/16']);
    station.seconds(1);
    peer.log = [];
    peer.refresh(FOUR, REQUEST);
    station.seconds(1);
    expect(peer.log).toEqual([`refresh ${FOUR} 1`, '+10.7.0.0/16', `refresh ${FOUR} 2`]);
    expect(station.peer(PEER).sent.routeRefresh).toBe(2);
    expect(station.peer(PEER).received.routeRefresh).toBe(1);
  });

  test('of a peer without RFC 7313 is answered plainly, whatever its reserved octet says', () => {
    other.log = [];
    other.refresh(FOUR, BORR);
    station.seconds(1);
    expect(other.log).toEqual(['+10.8.0.0/16', '+10.9.0.0/16']);
  });
});

describe('a refresh of what the peer announces', () => {
  test('takes away what it does not announce again', () => {
    peer.refresh(FOUR, BORR);
    peer.announce(['10.9.0.0/16']);
    station.seconds(1);
    expect(other.held).toEqual(['10.8.0.0/16', '10.9.0.0/16']);
    peer.refresh(FOUR, EORR);
    station.seconds(1);
    expect(other.held).toEqual(['10.9.0.0/16']);
  });

  test('does not wait for its end for ever', () => {
    peer.refresh(FOUR, BORR);
    station.seconds(179);
    expect(other.held).toHaveLength(2);
    station.seconds(2);
    expect(other.held).toEqual([]);
    expect(station.state(PEER)).toBe('Established');
  });

  test('takes away nothing where the end comes without the beginning', () => {
    peer.refresh(FOUR, EORR);
    peer.refresh(FOUR, 77);
    station.seconds(1);
    expect(other.held).toHaveLength(2);
  });
});

test.each([
  [BORR, 28],
  [EORR, 24],
])(
  'a subtype %i in %i octets ends the session with 7/1 and the whole message',
  (subtype, length) => {
    const message = Buffer.concat([encodeRouteRefresh(1, 1, subtype), Buffer.alloc(length - 23)]);
    message.writeUInt16BE(length, 16);
    peer.send(message);
    station.seconds(1);
    expect(peer.notifications).toMatchObject([{ code: 7, subcode: 1 }]);
    expect(Buffer.from(peer.notifications[0]?.data ?? [])).toEqual(message);
  },
);

test('a request with ORF entries, which nobody asked for, is a request', () => {
  const message = Buffer.concat([encodeRouteRefresh(1, 1, 0), Buffer.alloc(5)]);
  message.writeUInt16BE(28, 16);
  other.log = [];
  other.send(message);
  station.seconds(1);
  expect(other.held).toHaveLength(2);
  expect(station.state(OTHER)).toBe('Established');
});
