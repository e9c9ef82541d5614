import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BmpExporter } from '../../src/monitor/bmp/exporter.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { OWN_ASN, peerAt, Station } from '../speaker/station.ts';
import { BmpReader, CollectorTransport, captureOf } from './bmp-collector.ts';

const TSHARK = '/usr/bin/tshark';

const COLLECTOR = {
  address: '10.0.0.200',
  port: 1790,
  rib: ['pre-policy', 'post-policy', 'loc-rib'],
};

let station: Station;
let transport: CollectorTransport;
let exporter: BmpExporter;

beforeEach(() => {
  station = new Station();
  transport = new CollectorTransport(station.clock);
  begin({});
});

afterEach(() => {
  exporter.stop();
  station.stop();
});

const configOf = (over: object): object => ({
  peers: [
    peerAt('10.0.0.2'),
    peerAt('10.0.0.3', { asn: 65003, importPolicy: ['no_long'], importEnd: 'accept' }),
  ],
  policies: {
    // biome-ignore lint/suspicious/noThenProperty: the name of the field in the configuration
    no_long: [{ match: { prefix: [{ in: '10.0.0.0/8', ge: 25, le: 32 }] }, then: 'reject' }],
  },
  networks: [{ prefix: '10.9.0.0/24' }],
  bmp: [COLLECTOR],
  ...over,
});

function begin(over: object): void {
  station.changed = () => exporter?.refresh();
  station.start(configOf(over));
  const { clock, speaker } = station;
  const sysDescr = 'bengal test';
  exporter = new BmpExporter({ speaker, transport, clock, logger: silentLogger, sysDescr });
  exporter.refresh();
  station.seconds(1);
}

const reader = (): BmpReader => new BmpReader(transport.last.bytes);

describe('a collector', () => {
  test('is told who we are, then of the whole table, then its end', () => {
    expect(reader().story).toEqual([
      'initiation 1=bengal test 2=10.0.0.1',
      `up loc-rib ${OWN_ASN}-${OWN_ASN} global`,
      'end loc-rib 1',
      'end loc-rib 2',
    ]);
    expect(reader().routes('loc-rib')).toEqual(['10.9.0.0/24']);
  });

  test('is told of a session with both OPENs before its routes, in each table', () => {
    const peer = station.established('10.0.0.3', { asn: 65003 });
    peer.announce(['10.3.0.0/16', '10.3.0.0/28']);
    peer.announce(['fd03::/32'], { nextHop: Uint8Array.of(0xfd, ...Array(14).fill(0), 3) });
    station.seconds(1);
    expect(reader().story).toContain(`up 10.0.0.3 ${OWN_ASN}-65003`);
    expect(reader().routes('pre-policy 10.0.0.3')).toEqual([
      '10.3.0.0/16 65003',
      '10.3.0.0/28 65003',
      'fd03::/32 65003',
    ]);
    expect(reader().routes('post-policy 10.0.0.3')).toEqual([
      '10.3.0.0/16 65003',
      'fd03::/32 65003',
    ]);
    expect(reader().routes('loc-rib')).toEqual([
      '10.3.0.0/16 65003',
      '10.9.0.0/24',
      'fd03::/32 65003',
    ]);
    expect(reader().story).toContain('end post-policy 10.0.0.3 2');
  });

  test('that comes late is told of everything that there is', () => {
    station.established('10.0.0.2').announce(['10.2.0.0/16']);
    station.apply(configOf({ bmp: [] }));
    station.seconds(1);
    station.apply(configOf({ bmp: [{ ...COLLECTOR, port: 1791 }] }));
    station.seconds(1);
    expect(transport.connections).toHaveLength(2);
    expect(reader().routes('pre-policy 10.0.0.2')).toEqual(['10.2.0.0/16']);
    expect(reader().routes('loc-rib')).toEqual(['10.2.0.0/16', '10.9.0.0/24']);
  });

  test('is told of changes and withdrawals, and of nothing twice', () => {
    const peer = station.established('10.0.0.2');
    peer.announce(['10.2.0.0/16', '10.4.0.0/16']);
    station.seconds(1);
    peer.announce(['10.2.0.0/16'], { med: 5 });
    peer.withdraw(['10.4.0.0/16']);
    station.seconds(1);
    expect(reader().routes('pre-policy 10.0.0.2')).toEqual(['10.2.0.0/16  med 5']);
    expect(reader().routes('loc-rib')).toEqual(['10.2.0.0/16  med 5', '10.9.0.0/24']);
    const before = transport.last.bytes.length;
    peer.announce(['10.2.0.0/16'], { med: 5 });
    station.established('10.0.0.3', { asn: 65003 });
    const { story } = reader();
    expect(story.filter((line) => line.startsWith('needless'))).toEqual([]);
    const session = new BmpReader(transport.last.bytes).story.length;
    peer.refresh('ipv4-unicast');
    station.seconds(1);
    expect(reader().story).toHaveLength(session);
    expect(before).toBeLessThan(transport.last.bytes.length);
  });

  test('sees a changed import policy in the table after it alone', () => {
    station.established('10.0.0.3', { asn: 65003 }).announce(['10.3.0.0/28']);
    station.seconds(1);
    expect(reader().routes('post-policy 10.0.0.3')).not.toContain('10.3.0.0/28 65003');
    const peers = [peerAt('10.0.0.2'), peerAt('10.0.0.3', { asn: 65003, importPolicy: 'accept' })];
    station.apply(configOf({ peers }));
    station.seconds(1);
    expect(reader().routes('post-policy 10.0.0.3')).toEqual(['10.3.0.0/28 65003']);
  });
});

test('routes that share their attributes share messages', () => {
  const prefixes = Array.from(
    { length: 300 },
    (_, index) => `10.${index >> 8}.${index & 255}.0/24`,
  );
  station.established('10.0.0.2').announce(prefixes);
  station.seconds(1);
  expect(reader().routes('post-policy 10.0.0.2')).toHaveLength(300);
  expect(reader().messages.get('pre-policy 10.0.0.2')).toBe(3 + 2);
  expect(reader().routes('loc-rib')).toHaveLength(301);
});

describe('the end of a session', () => {
  test.each([
    ['a NOTIFICATION of the peer', 'down 10.0.0.2 3 6/4'],
    ['a lost connection', 'down 10.0.0.2 4'],
    ['our own NOTIFICATION', 'down 10.0.0.2 1 4/0'],
    ['its removal from the configuration', 'down 10.0.0.2 5'],
  ])('is told with its reason: %s', (what, line) => {
    const peer = station.established('10.0.0.2');
    peer.announce(['10.2.0.0/16']);
    station.seconds(1);
    if (what.startsWith('a NOTIFICATION')) {
      peer.send(Buffer.from(`${'ff'.repeat(16)}0015030604`, 'hex'));
    }
    if (what.startsWith('a lost')) peer.crash();
    if (what.startsWith('our own')) peer.hush();
    if (what.startsWith('its removal')) station.apply(configOf({ peers: [] }));
    station.seconds(what.startsWith('our own') ? 100 : 2);
    expect(reader().story).toContain(line);
    expect(reader().routes('pre-policy 10.0.0.2')).toBeUndefined();
  });

  test('leaves stale routes in Loc-RIB, and tells them anew when the peer is back', () => {
    const restart = { forwarding: true };
    const peer = station.established('10.0.0.2', { restart });
    peer.announce(['10.2.0.0/16']);
    peer.endOfRib();
    station.seconds(1);
    peer.crash();
    station.seconds(2);
    expect(reader().routes('pre-policy 10.0.0.2')).toBeUndefined();
    expect(reader().routes('loc-rib')).toContain('10.2.0.0/16');
    station.established('10.0.0.2', { restart });
    station.seconds(1);
    expect(reader().routes('pre-policy 10.0.0.2')).toEqual(['10.2.0.0/16']);
  });

  test('that another identity of the same peer follows takes no route of it away', () => {
    station.established('10.0.0.2').announce(['10.2.0.0/16']);
    station.seconds(1);
    station.raw('10.0.0.2').dial('10.0.0.1');
    const again = station.raw('10.0.0.2', { routerId: 0x0a0000ff });
    station.apply(configOf({ peers: [] }));
    station.seconds(1);
    station.apply(configOf({}));
    again.dial('10.0.0.1', 'answer');
    station.seconds(1);
    again.announce(['10.2.0.0/16'], { med: 9 });
    station.seconds(1);
    expect(reader().routes('pre-policy 10.0.0.2')).toEqual(['10.2.0.0/16  med 9']);
  });
});

describe('a collector that is slow', () => {
  test('is told the present state once it takes more, and delays no peer', () => {
    const peer = station.established('10.0.0.2');
    station.seconds(1);
    transport.last.open = false;
    for (let med = 1; med <= 500; med++) peer.announce(['10.2.0.0/16', '10.4.0.0/16'], { med });
    station.seconds(1);
    const blocked = transport.last.bytes.length;
    peer.announce(['10.5.0.0/16']);
    peer.withdraw(['10.4.0.0/16']);
    station.seconds(1);
    expect(station.best()).toEqual(['10.2.0.0/16', '10.5.0.0/16']);
    expect(transport.last.bytes.length).toBe(blocked);
    transport.last.drain();
    station.seconds(1);
    expect(reader().routes('pre-policy 10.0.0.2')).toEqual(['10.2.0.0/16  med 500', '10.5.0.0/16']);
    expect(transport.last.bytes.length - blocked).toBeLessThan(2000);
  });

  test('is given up after three minutes in which it took nothing, and dialled again', () => {
    const peer = station.established('10.0.0.2');
    transport.last.open = false;
    peer.announce(['10.2.0.0/16']);
    station.seconds(200);
    expect(transport.connections[0]?.destroyed).toBe(true);
    expect(transport.connections).toHaveLength(2);
    expect(exporter.status).toMatchObject([{ connected: true, failures: 1 }]);
  });
});

describe('a collector that is not there', () => {
  test('is dialled at growing intervals, and says why in the status', () => {
    transport.present = false;
    transport.last.handler?.closed('reset');
    expect(exporter.status).toMatchObject([
      { collector: '10.0.0.200:1790', connected: false, failures: 1 },
    ]);
    station.seconds(70);
    expect(transport.dialed).toHaveLength(3);
    station.seconds(1);
    expect(transport.dialed).toHaveLength(4);
    expect(exporter.status[0]?.reason).toContain('nobody listens');
    transport.present = true;
    station.seconds(80);
    expect(exporter.status[0]).toMatchObject({ connected: true });
    expect(exporter.status[0]?.reason).toBeUndefined();
  });

  test('is left alone once it is no longer configured', () => {
    transport.present = false;
    transport.last.handler?.closed('reset');
    station.apply(configOf({ bmp: [] }));
    station.seconds(3600);
    expect(transport.dialed).toHaveLength(1);
    expect(exporter.status).toEqual([]);
  });
});

test.skipIf(!existsSync(TSHARK))("Wireshark's dissector finds nothing wrong", () => {
  const rib = [...COLLECTOR.rib, 'adj-rib-out-pre', 'adj-rib-out-post'];
  station.apply(configOf({ bmp: [{ ...COLLECTOR, rib }] }));
  station.seconds(1);
  const peer = station.established('10.0.0.3', { asn: 65003 });
  peer.announce(['10.3.0.0/16', '10.3.0.0/28']);
  peer.announce(['fd03::/32'], { nextHop: Uint8Array.of(0xfd, ...Array(14).fill(0), 3) });
  station.seconds(61);
  peer.send(Buffer.from(`${'ff'.repeat(16)}0015030604`, 'hex'));
  station.seconds(1);
  exporter.stop();
  const scratch = scratchDirectory();
  const file = path.join(scratch.path, 'bmp.pcap');
  writeFileSync(file, captureOf(transport.last.bytes));
  const fields = ['bmp.type', 'bmp.peer.type', 'bgp.type', '_ws.malformed'];
  const args = ['-r', file, '-d', 'tcp.port==1790,bmp', '-T', 'fields', '-E', 'separator=|'];
  const printed = execFileSync(TSHARK, [...args, ...fields.flatMap((name) => ['-e', name])], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
  scratch.remove();
  const rows = printed
    .trimEnd()
    .split('\n')
    .map((line) => line.split('|'));
  expect(new Set(rows.map(([type]) => type))).toEqual(new Set(['0', '1', '2', '3', '4', '5']));
  // Wireshark 4.0 takes the table name that RFC 9069 adds to Peer Up for one more BGP message.
  const judged = rows.filter(([type, peerType]) => !(type === '3' && peerType === '3'));
  expect(judged.filter(([, , , malformed]) => malformed !== '')).toEqual([]);
  expect(new Set(rows.map(([, type]) => type))).toEqual(new Set(['', '0', '3']));
});

test('statistics are told at their interval', () => {
  station.established('10.0.0.3', { asn: 65003 }).announce(['10.3.0.0/16', '10.3.0.0/28']);
  station.seconds(61);
  const { statistics } = reader();
  expect(statistics.get('10.0.0.3 7')).toBe(2);
  expect(statistics.get('10.0.0.3 9/1')).toBe(2);
  expect(statistics.get('10.0.0.3 9/2')).toBe(0);
  expect(statistics.get('loc-rib 8')).toBe(3);
});

test('the collector is told when we end', () => {
  exporter.stop();
  expect(reader().story.at(-1)).toBe('termination 1=0');
  expect(transport.last.ended).toBe(true);
});

test('another router id is another table, told on another connection', () => {
  station.apply(configOf({ routerId: '10.0.0.99' }));
  station.seconds(1);
  expect(transport.connections).toHaveLength(2);
  expect(reader().story[0]).toBe('initiation 1=bengal test 2=10.0.0.99');
});

test('nothing of a closed collector is left in the RIB', () => {
  const peer = station.established('10.0.0.2');
  peer.announce(['10.2.0.0/16']);
  station.seconds(1);
  station.apply(configOf({ bmp: [], networks: [] }));
  transport.last.handler?.closed('reset');
  peer.withdraw(['10.2.0.0/16']);
  station.seconds(100);
  expect(transport.dialed).toHaveLength(1);
  expect(station.speaker.rib?.records.count).toBe(0);
  expect(station.speaker.rib?.sizes().map(({ prefixes }) => prefixes)).toEqual([0, 0]);
});
