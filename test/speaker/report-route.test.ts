import { expect, test } from 'vitest';
import { reportRoute } from '../../src/speaker/report-route.ts';
import { peerAt, Station } from './station.ts';

const PEER = '10.0.0.2';

test('tells every attribute of a route, the unknown ones as they came', () => {
  const station = new Station();
  station.start({ peers: [peerAt(PEER, { passive: true })] });
  const octets = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
  station.established(PEER).announce(['10.1.0.0/26'], {
    med: 5,
    atomicAggregate: true,
    aggregator: { asn: 65001, address: 0x0a000009 },
    communities: [0xfde80001],
    largeCommunities: [{ global: 64512, local1: 1, local2: 2 }],
    extendedCommunities: [octets('0002fde900000001')],
    ipv6ExtendedCommunities: [octets('000220010db800000000000000000000000100ff')],
    originatorId: 0x0a000007,
    clusterList: [9],
    otc: 65001,
    unknown: [{ flags: 0xc0, type: 200, value: octets('aabb') }],
  });
  station.seconds(1);
  const all = { family: undefined, peer: undefined, filtered: false, prefix: undefined };
  const paths = [...(station.speaker.rib?.routes({ ...all, view: 'table' }) ?? [])];
  expect(paths.map(reportRoute)).toEqual([
    expect.objectContaining({
      prefix: '10.1.0.0/26',
      nextHop: PEER,
      med: 5,
      atomicAggregate: true,
      aggregator: { asn: 65001, address: '10.0.0.9' },
      communities: ['65000:1', '64512:1:2'],
      extCommunities: ['0002fde900000001'],
      ipv6ExtCommunities: ['000220010db800000000000000000000000100ff'],
      originatorId: '10.0.0.7',
      clusterList: ['0.0.0.9'],
      otc: 65001,
      other: [{ type: 200, flags: 0xe0, hex: 'aabb' }],
    }),
  ]);
});
