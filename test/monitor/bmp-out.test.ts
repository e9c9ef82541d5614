import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BmpExporter } from '../../src/monitor/bmp/exporter.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { OWN_ASN, peerAt, Station } from '../speaker/station.ts';
import { BmpReader, CollectorTransport } from './bmp-collector.ts';

const EDGE = {
  asn: 65003,
  importPolicy: 'accept',
  exportPolicy: ['no_local'],
  exportEnd: 'accept',
};

let station: Station;
let transport: CollectorTransport;
let exporter: BmpExporter;

beforeEach(() => {
  station = new Station();
  const { clock } = station;
  transport = new CollectorTransport(clock);
  station.changed = () => exporter?.refresh();
  station.start(configOf([peerAt('10.0.0.2'), peerAt('10.0.0.3', EDGE)]));
  const { speaker } = station;
  const sysDescr = 'bengal test';
  exporter = new BmpExporter({ speaker, transport, clock, logger: silentLogger, sysDescr });
  exporter.refresh();
  station.seconds(1);
});

afterEach(() => {
  exporter.stop();
  station.stop();
});

const configOf = (peers: readonly object[], over: object = {}): object => ({
  peers,
  policies: {
    // biome-ignore lint/suspicious/noThenProperty: the name of the field in the configuration
    no_local: [{ match: { prefix: [{ in: '10.9.0.0/16', ge: 16 }] }, then: 'reject' }],
  },
  networks: [{ prefix: '10.9.0.0/24' }],
  bmp: [{ address: '10.0.0.200', port: 1790, rib: ['adj-rib-out-pre', 'adj-rib-out-post'] }],
  ...over,
});

const reader = (): BmpReader => new BmpReader(transport.last.bytes);

/** What the collector knows that a peer is sent, before and after policy. */
const outTo = (address: string): readonly (readonly string[] | undefined)[] =>
  ['pre', 'post'].map((stage) => reader().routes(`out ${stage}-policy ${address}`));

describe('a collector of what peers are sent', () => {
  test('is told of each Adj-RIB-Out before and after export policy, and of nothing else', () => {
    station.established('10.0.0.2').announce(['10.2.0.0/16']);
    station.established('10.0.0.3', { asn: 65003 });
    station.seconds(1);
    expect(outTo('10.0.0.3')).toEqual([['10.2.0.0/16', '10.9.0.0/24'], [`10.2.0.0/16 ${OWN_ASN}`]]);
    expect(reader().story).toContain('end out pre-policy 10.0.0.3 1');
    expect(reader().story).toContain('end out post-policy 10.0.0.3 2');
    expect([...reader().tables.keys()].filter((table) => !table.startsWith('out '))).toEqual([]);
  });

  test('is not told that a peer is sent its own routes', () => {
    const peer = station.established('10.0.0.3', { asn: 65003 });
    peer.announce(['10.3.0.0/16']);
    station.established('10.0.0.2');
    station.seconds(1);
    expect(outTo('10.0.0.2')[1]).toEqual(['10.3.0.0/16 65003', '10.9.0.0/24']);
    expect(outTo('10.0.0.3')[0]).toEqual(['10.9.0.0/24']);
  });

  test('sees changes, withdrawals and a changed export policy, and no needless withdrawal', () => {
    station.established('10.0.0.3', { asn: 65003 });
    const peer = station.established('10.0.0.2');
    peer.announce(['10.2.0.0/16', '10.4.0.0/16']);
    station.seconds(1);
    peer.withdraw(['10.4.0.0/16']);
    peer.announce(['10.2.0.0/16'], { asPath: [{ type: 'sequence', asns: [65009] }] });
    station.seconds(1);
    expect(outTo('10.0.0.3')).toEqual([
      ['10.2.0.0/16 65009', '10.9.0.0/24'],
      [`10.2.0.0/16 ${OWN_ASN} 65009`],
    ]);
    station.apply(
      configOf([peerAt('10.0.0.2'), peerAt('10.0.0.3', { ...EDGE, exportPolicy: 'accept' })]),
    );
    station.seconds(1);
    expect(outTo('10.0.0.3')[1]).toEqual([
      `10.2.0.0/16 ${OWN_ASN} 65009`,
      `10.9.0.0/24 ${OWN_ASN}`,
    ]);
    station.apply(configOf([peerAt('10.0.0.2'), peerAt('10.0.0.3', EDGE)]));
    station.seconds(1);
    expect(outTo('10.0.0.3')[1]).toEqual([`10.2.0.0/16 ${OWN_ASN} 65009`]);
    expect(reader().story.filter((line) => line.startsWith('needless'))).toEqual([]);
  });

  test('loses the tables with the session, and is told them anew with the next one', () => {
    const peer = station.established('10.0.0.2');
    station.seconds(1);
    peer.crash();
    station.seconds(10);
    expect(outTo('10.0.0.2')).toEqual([undefined, undefined]);
    station.established('10.0.0.2');
    station.seconds(1);
    expect(outTo('10.0.0.2')).toEqual([['10.9.0.0/24'], ['10.9.0.0/24']]);
  });

  test('that is slow is told the present state once it takes more', () => {
    const peer = station.established('10.0.0.2');
    station.established('10.0.0.3', { asn: 65003 });
    transport.last.open = false;
    for (let med = 1; med <= 500; med++) {
      peer.announce(['10.2.0.0/16', '10.4.0.0/16'], { med });
      station.clock.advance(1);
    }
    const blocked = transport.last.bytes.length;
    peer.withdraw(['10.4.0.0/16']);
    station.seconds(1);
    expect(transport.last.bytes.length).toBe(blocked);
    transport.last.drain();
    station.seconds(1);
    expect(outTo('10.0.0.3')).toEqual([
      ['10.2.0.0/16  med 500', '10.9.0.0/24'],
      [`10.2.0.0/16 ${OWN_ASN}`],
    ]);
    expect(transport.last.bytes.length - blocked).toBeLessThan(2000);
  });

  test('is told how many routes there are before and after policy', () => {
    station.established('10.0.0.3', { asn: 65003 });
    station.established('10.0.0.2').announce(['10.2.0.0/16']);
    station.seconds(61);
    const { statistics } = reader();
    const values = ['14', '16/1', '16/2', '15', '17/1'].map((type) =>
      statistics.get(`10.0.0.3 ${type}`),
    );
    expect(values).toEqual([2, 2, 0, 1, 1]);
  });

  test('leaves nothing behind in the RIB', () => {
    const peer = station.established('10.0.0.2');
    station.established('10.0.0.3', { asn: 65003 });
    peer.announce(['10.2.0.0/16']);
    station.seconds(1);
    transport.last.open = false;
    peer.announce(['10.2.0.0/16', '10.5.0.0/16'], { med: 7 });
    station.seconds(1);
    station.apply(
      configOf([peerAt('10.0.0.2'), peerAt('10.0.0.3', EDGE)], { bmp: [], networks: [] }),
    );
    peer.withdraw(['10.2.0.0/16', '10.5.0.0/16']);
    station.seconds(20);
    expect(station.speaker.rib?.records.count).toBe(0);
    expect(station.speaker.rib?.sizes().map(({ prefixes }) => prefixes)).toEqual([0, 0]);
  });
});
