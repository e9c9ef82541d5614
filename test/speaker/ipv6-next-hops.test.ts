import { beforeEach, describe, expect, test } from 'vitest';
import { formatAddress } from '../../src/net/address.ts';
import type { Capability } from '../../src/wire/capabilities/table.ts';
import { peerAt, SPEAKER_ADDRESS_V6, SPEAKER_LINK_LOCAL, Station } from './station.ts';
import { addressOf } from './values.ts';

const PEER = 'fd00::2';
const NEIGHBOUR = 'fe80::2';
const NETWORKS = [{ prefix: '10.1.0.0/26' }, { prefix: 'fd00:1::/122' }];
const LISTEN = [
  { address: '0.0.0.0', port: 179 },
  { address: '::', port: 179 },
];
const EXTENDED: Capability = {
  type: 'extended-next-hop',
  entries: [{ afi: 1, safi: 1, nextHopAfi: 2 }],
};

let station: Station;

beforeEach(() => {
  station = new Station();
});

const start = (address: string, over: object, kernel = false): void =>
  station.start({
    listen: LISTEN,
    kernel,
    networks: NETWORKS,
    peers: [peerAt(address, { passive: true, ...over })],
  });

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && formatAddress(bytes);

describe('IPv4 routes over an IPv6 session', () => {
  test('have our IPv6 address as next hop where both sides speak RFC 8950', () => {
    start(PEER, { extendedNextHop: true });
    const peer = station.established(PEER, { more: [EXTENDED] }, SPEAKER_ADDRESS_V6);
    expect(text(peer.table.get('10.1.0.0/26')?.nextHop)).toBe(SPEAKER_ADDRESS_V6);
    expect(text(peer.table.get('fd00:1::/122')?.nextHop)).toBe(SPEAKER_ADDRESS_V6);
  });

  test('have the IPv4 address of the same interface where the peer does not', () => {
    start(PEER, { extendedNextHop: true });
    const peer = station.established(PEER, {}, SPEAKER_ADDRESS_V6);
    expect(text(peer.table.get('10.1.0.0/26')?.nextHop)).toBe('10.0.0.1');
  });

  test('go into the FIB through the IPv6 neighbour', () => {
    start(PEER, { extendedNextHop: true }, true);
    station.seconds(5);
    const peer = station.established(PEER, { more: [EXTENDED] }, SPEAKER_ADDRESS_V6);
    peer.announce(['10.9.0.0/24'], { nextHop: addressOf(PEER) });
    peer.endOfRib();
    station.seconds(5);
    expect(station.programmed()).toContain(`10.9.0.0/24 via ${PEER} dev eth0 metric 1024`);
  });
});

describe('a link-local session', () => {
  test('announces the global address of the interface and the link-local one', () => {
    start(NEIGHBOUR, { interface: 'eth0' });
    const peer = station.established(NEIGHBOUR, { more: [EXTENDED] }, SPEAKER_LINK_LOCAL);
    for (const prefix of ['10.1.0.0/26', 'fd00:1::/122']) {
      const { nextHop, linkLocalNextHop } = peer.table.get(prefix) ?? {};
      expect([text(nextHop), text(linkLocalNextHop)], prefix).toEqual([
        SPEAKER_ADDRESS_V6,
        SPEAKER_LINK_LOCAL,
      ]);
    }
  });

  test('announces the link-local address alone where the interface has no other', () => {
    station.hostAddresses = [{ interface: 'eth0', address: SPEAKER_LINK_LOCAL }];
    start(NEIGHBOUR, { interface: 'eth0' });
    const peer = station.established(NEIGHBOUR, { more: [EXTENDED] }, SPEAKER_LINK_LOCAL);
    const { nextHop, linkLocalNextHop } = peer.table.get('fd00:1::/122') ?? {};
    expect([text(nextHop), linkLocalNextHop]).toEqual([SPEAKER_LINK_LOCAL, undefined]);
  });

  test('leads packets to the neighbour on its interface', () => {
    start(NEIGHBOUR, { interface: 'eth0' }, true);
    station.seconds(5);
    const peer = station.established(NEIGHBOUR, { more: [EXTENDED] }, SPEAKER_LINK_LOCAL);
    peer.announce(['10.9.0.0/24', '10.9.1.0/24'], { nextHop: addressOf(NEIGHBOUR) });
    peer.announce(['fd00:9::/64'], { nextHop: addressOf(NEIGHBOUR) });
    peer.endOfRib();
    station.seconds(5);
    expect(station.programmed()).toEqual([
      `10.9.0.0/24 via ${NEIGHBOUR} dev eth0 metric 1024`,
      `10.9.1.0/24 via ${NEIGHBOUR} dev eth0 metric 1024`,
      `fd00:9::/64 via ${NEIGHBOUR} dev eth0 metric 1024`,
    ]);
  });

  test('gives no other peer a next hop that is good on its link only', () => {
    station.start({
      listen: LISTEN,
      clusterId: '1.1.1.1',
      peers: [
        peerAt(NEIGHBOUR, { passive: true, interface: 'eth0', reflectorClient: true }),
        peerAt(PEER, { passive: true, reflectorClient: true }),
      ],
    });
    const neighbour = station.established(NEIGHBOUR, {}, SPEAKER_LINK_LOCAL);
    const other = station.established(PEER, {}, SPEAKER_ADDRESS_V6);
    neighbour.announce(['fd00:9::/64'], { nextHop: addressOf(NEIGHBOUR) });
    station.seconds(1);
    expect(text(other.table.get('fd00:9::/64')?.nextHop)).toBe(SPEAKER_ADDRESS_V6);
  });
});
