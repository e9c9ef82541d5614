import { beforeEach, describe, expect, test } from 'vitest';
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
