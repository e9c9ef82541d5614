import { beforeEach, describe, expect, test } from 'vitest';
import type { RawPeer } from './raw-peer.ts';
import { OWN_ASN, peerAt, Station } from './station.ts';

const PEER = '10.0.0.2';
const EXTERNAL = '10.0.0.3';
const EXTERNAL_ASN = 65001;

let station: Station;

beforeEach(() => {
  station = new Station();
});

const external = peerAt(EXTERNAL, {
  asn: EXTERNAL_ASN,
  passive: true,
  importPolicy: 'accept',
  exportPolicy: 'accept',
});

describe('sending', () => {
  test('ends each family with End-of-RIB, routes or none', () => {
    station.start({ peers: [peerAt(PEER, { passive: true })] });
    const peer = station.established(PEER);
    expect([...peer.log].sort()).toEqual(['end ipv4-unicast', 'end ipv6-unicast']);
  });

  test('puts the routes before End-of-RIB', () => {
    station.start({
      networks: [{ prefix: '10.1.0.0/26' }, { prefix: 'fd00:1::/122' }],
      peers: [peerAt(PEER, { passive: true })],
    });
    const peer = station.established(PEER);
    expect(peer.held).toEqual(['10.1.0.0/26', 'fd00:1::/122']);
    const at = (text: string): number => peer.log.indexOf(text);
    expect(at('+10.1.0.0/26')).toBeLessThan(at('end ipv4-unicast'));
    expect(at('+fd00:1::/122')).toBeLessThan(at('end ipv6-unicast'));
  });

  test('sends End-of-RIB to a peer of one family once', () => {
    station.start({ peers: [peerAt(PEER, { passive: true })] });
    const peer = station.established(PEER, { families: ['ipv6-unicast'] });
    expect(peer.log).toEqual(['end ipv6-unicast']);
  });

  test('answers ROUTE-REFRESH with everything again', () => {
    station.start({
      networks: [{ prefix: '10.1.0.0/26' }],
      peers: [peerAt(PEER, { passive: true })],
    });
    const peer = station.established(PEER);
    peer.log = [];
    peer.refresh('ipv4-unicast');
    station.seconds(1);
    expect(peer.log).toContain('+10.1.0.0/26');
    expect(peer.log).not.toContain('-10.1.0.0/26');
  });

  test('hands routes from one peer to the other, with our AS number before theirs', () => {
    station.start({ peers: [peerAt(PEER, { passive: true }), external] });
    const [internal, outside] = [
      station.established(PEER),
      station.established(EXTERNAL, { asn: EXTERNAL_ASN }),
    ];
    outside.announce(['10.9.0.0/16']);
    internal.announce(['10.8.0.0/16']);
    station.seconds(1);
    expect(internal.held).toEqual(['10.9.0.0/16']);
    expect(outside.table.get('10.8.0.0/16')?.asPath).toEqual([
      { type: 'sequence', asns: [OWN_ASN] },
    ]);
    outside.withdraw(['10.9.0.0/16']);
    station.seconds(1);
    expect(internal.held).toEqual([]);
  });
});

describe('a prefix limit of three', () => {
  const prefixes = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `10.${index + 10}.0.0/16`);

  const limited = (action: string): Station => {
    station.start({ peers: [peerAt(PEER, { passive: true, prefixLimit: { max: 3, action } })] });
    return station;
  };

  test('that warns lets everything in', () => {
    const peer = limited('warn').established(PEER);
    peer.announce(prefixes(5));
    station.seconds(1);
    expect(station.best()).toHaveLength(5);
    expect(peer.notifications).toEqual([]);
  });

  test('that blocks keeps the first three', () => {
    const peer = limited('block').established(PEER);
    peer.announce(prefixes(5));
    station.seconds(1);
    expect(station.best()).toEqual(prefixes(3));
    expect(peer.notifications).toEqual([]);
  });

  describe('that blocks, having refused some,', () => {
    const asked = (peer: RawPeer): readonly string[] =>
      peer.log.filter((line) => line.startsWith('refresh'));
    let peer: RawPeer;

    beforeEach(() => {
      peer = limited('block').established(PEER);
      peer.announce(prefixes(5));
      station.seconds(1);
    });

    test('asks for them once there is room again', () => {
      expect(asked(peer)).toEqual([]);
      peer.withdraw(prefixes(1));
      station.seconds(1);
      expect(asked(peer)).toEqual(['refresh ipv4-unicast 0']);
      peer.announce(prefixes(5).slice(1));
      station.seconds(1);
      expect(station.best()).toEqual(prefixes(4).slice(1));
      expect(asked(peer)).toHaveLength(1);
    });

    test.each([{ prefixLimit: { max: 10, action: 'block' } }, {}])(
      'asks for them when the limit becomes %j',
      (over) => {
        station.apply({ peers: [peerAt(PEER, { passive: true, ...over })] });
        station.seconds(1);
        expect(asked(peer)).toEqual(['refresh ipv4-unicast 0']);
        expect(station.peer(PEER).flaps).toBe(0);
      },
    );

    test('asks for nothing when the limit becomes lower', () => {
      const prefixLimit = { max: 2, action: 'block' };
      station.apply({ peers: [peerAt(PEER, { passive: true, prefixLimit })] });
      station.seconds(1);
      expect(asked(peer)).toEqual([]);
    });
  });

  test('that was never met asks for nothing', () => {
    const peer = limited('block').established(PEER);
    peer.announce(prefixes(2));
    peer.withdraw(prefixes(2));
    station.seconds(1);
    expect(peer.log.filter((line) => line.startsWith('refresh'))).toEqual([]);
  });

  test.each([
    ['ipv4', prefixes(4), '0001 01 00000003'],
    ['ipv6', ['fd01::/64', 'fd02::/64', 'fd03::/64', 'fd04::/64'], '0002 01 00000003'],
  ])('that restarts names the family in its Cease: %s', (_family, many, data) => {
    const peer = limited('restart').established(PEER);
    peer.announce(prefixes(1));
    peer.announce(many, many[0]?.includes(':') === true ? { nextHop: nextHop6 } : {});
    station.seconds(1);
    const word = Buffer.from(data.replaceAll(' ', ''), 'hex');
    expect(peer.notifications).toEqual([{ code: 6, subcode: 1, data: new Uint8Array(word) }]);
    expect(station.paths()).toEqual([]);
  });
});

const nextHop6 = Uint8Array.from([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
