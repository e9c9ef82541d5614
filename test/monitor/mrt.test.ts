import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { encodeSessionRecord } from '../../src/monitor/mrt/bgp4mp.ts';
import { dumpTable } from '../../src/monitor/mrt/dump.ts';
import { mrtLines } from '../../src/monitor/mrt/lines.ts';
import { OfflineRib } from '../../src/monitor/mrt/offline-rib.ts';
import { BGP4MP, encodeRecord } from '../../src/monitor/mrt/record.ts';
import { messageRecorder } from '../../src/monitor/mrt/recorder.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { encodeUpdate } from '../../src/wire/update.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { OWN_ASN, peerAt, Station } from '../speaker/station.ts';
import { attributesOf, prefixOf } from '../speaker/values.ts';
import { readLines } from '../wire/fixtures.ts';

const BGPDUMP = '/usr/bin/bgpdump';

let station: Station;
let stop: () => void;
let records: Buffer[];

beforeEach(() => {
  station = new Station();
  records = [];
  station.start({
    peers: [
      peerAt('10.0.0.2'),
      peerAt('10.0.0.3', { asn: 65003, importPolicy: 'reject', addPath: { receive: true } }),
    ],
    networks: [{ prefix: '10.9.0.0/24' }],
  });
  const { clock, speaker } = station;
  const write = (record: Buffer): unknown => records.push(record);
  const peer = (name: string) => speaker.peer(name);
  stop = station.probes.add(messageRecorder({ clock, write, peer }));
});

afterEach(() => {
  stop();
  station.stop();
});

/** Two peers with a route each, one of which import policy refuses. */
function populate(): void {
  const internal = station.established('10.0.0.2');
  internal.announce(['10.1.0.0/24', '10.2.0.0/16']);
  internal.announce(['fd01::/48'], { nextHop: Uint8Array.of(0xfd, ...Array(14).fill(0), 2) });
  station.established('10.0.0.3', { asn: 65003 }).announce(['10.1.0.0/24'], { med: 7 });
  station.seconds(1);
}

const table = (): Buffer => Buffer.concat([...dumpTable(station.speaker, station.clock)]);

async function* one(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

interface Line {
  readonly type: string;
  readonly peer: { readonly address: string };
  readonly direction: string;
  readonly from: string;
  readonly to: string;
  readonly message: { readonly type: string };
}

async function linesOf(bytes: Buffer): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const { json } of mrtLines(one(bytes))) lines.push(json as Line);
  return lines;
}

/** What a RIB holds, as `prefix peer state`. */
function held({ rib }: OfflineRib): string[] {
  const all = { family: undefined, peer: undefined, filtered: false, prefix: undefined } as const;
  return [...(rib?.routes({ ...all, view: 'table' }) ?? [])]
    .map(({ prefix, peer = 'local', state }) => `${formatPrefix(prefix)} ${peer} ${state}`)
    .sort();
}

describe('the table of a running speaker', () => {
  test('is dumped as received, refused routes and local ones included', async () => {
    populate();
    const [index, ...routes] = await linesOf(table());
    expect(index).toMatchObject({
      type: 'peers',
      collector: '10.0.0.1',
      peers: [
        { address: '0.0.0.0', asn: OWN_ASN, bgpId: '10.0.0.1' },
        { address: '10.0.0.2', asn: OWN_ASN, bgpId: '10.0.0.2' },
        { address: '10.0.0.3', asn: 65003, bgpId: '10.0.0.3' },
      ],
    });
    expect(routes).toMatchObject([
      { peer: { address: '0.0.0.0' }, message: { nlri: ['10.9.0.0/24'], attrs: { asPath: [] } } },
      {
        peer: { address: '10.0.0.2' },
        message: { nlri: ['10.1.0.0/24'], attrs: { localPref: 100 } },
      },
      { peer: { address: '10.0.0.3' }, message: { nlri: ['10.1.0.0/24'], attrs: { med: 7 } } },
      { peer: { address: '10.0.0.2' }, message: { nlri: ['10.2.0.0/16'] } },
      { message: { attrs: { mpReach: { nextHops: ['fd00::2'], nlri: ['fd01::/48'] } } } },
    ]);
  });

  test('has the path identifiers of a session with add-path, also 0', async () => {
    const families = [{ afi: 1, safi: 1, mode: 2 }];
    const more = [{ type: 'add-path', families }] as const;
    const peer = station.established('10.0.0.3', { asn: 65003, more });
    const context = { ...peer.context, addPath: ['ipv4-unicast'] } as const;
    const attributes = attributesOf(peer.options, {});
    for (const pathId of [0, 7]) {
      const routes = [{ prefix: prefixOf('10.1.0.0/24'), pathId }];
      const content = { type: 'announce', family: 'ipv4-unicast', routes, attributes } as const;
      peer.send(encodeUpdate(content, context));
    }
    station.seconds(1);
    const routes = (await linesOf(table())).filter(({ peer: of }) => of?.address === '10.0.0.3');
    expect(routes).toMatchObject([
      { message: { nlri: [{ prefix: '10.1.0.0/24', pathId: 0 }] } },
      { message: { nlri: [{ prefix: '10.1.0.0/24', pathId: 7 }] } },
    ]);
    const offline = new OfflineRib(processClock, undefined);
    await offline.feed(one(table()));
    const prefix = prefixOf('10.1.0.0/24');
    const all = { family: undefined, peer: undefined, filtered: false, prefix } as const;
    const paths = [...(offline.rib?.routes({ ...all, view: 'in' }) ?? [])];
    expect(paths.map(({ pathId }) => pathId).sort()).toEqual([0, 7]);
  });

  test('fed to a RIB elsewhere gives the same routes', async () => {
    populate();
    const offline = new OfflineRib(processClock, undefined);
    await offline.feed(one(table()));
    expect(held(offline)).toEqual([
      '10.1.0.0/24 10.0.0.2 best',
      '10.1.0.0/24 10.0.0.3 candidate',
      '10.2.0.0/16 10.0.0.2 best',
      '10.9.0.0/24 local best',
      'fd01::/48 10.0.0.2 best',
    ]);
  });

  test('fed to a RIB under a configuration meets its policies', async () => {
    populate();
    const outcome = resolveConfig({
      asn: OWN_ASN,
      routerId: '10.0.0.1',
      peers: [peerAt('10.0.0.2', { importPolicy: 'reject' })],
    });
    if ('errors' in outcome) throw new Error('the configuration is wrong');
    const offline = new OfflineRib(processClock, outcome.config);
    await offline.feed(one(table()));
    expect(held(offline)).toContain('10.1.0.0/24 10.0.0.2 rejected');
    expect(held(offline)).toContain('10.1.0.0/24 10.0.0.3 best');
  });

  test.skipIf(!existsSync(BGPDUMP))('is read by bgpdump', () => {
    populate();
    const scratch = scratchDirectory();
    const file = path.join(scratch.path, 'table.mrt');
    writeFileSync(file, Buffer.concat([table(), ...records]));
    const printed = execFileSync(BGPDUMP, ['-m', file], { encoding: 'utf8', stdio: 'pipe' });
    scratch.remove();
    const rows = printed.split('\n').map((line) => line.split('|'));
    const routes = rows.filter(([type]) => type === 'TABLE_DUMP2');
    expect(routes.map((columns) => columns.slice(3, 9).join(' '))).toEqual([
      `0.0.0.0 ${OWN_ASN} 10.9.0.0/24  IGP 0.0.0.0`,
      `10.0.0.2 ${OWN_ASN} 10.1.0.0/24  IGP 10.0.0.2`,
      '10.0.0.3 65003 10.1.0.0/24 65003 IGP 10.0.0.3',
      `10.0.0.2 ${OWN_ASN} 10.2.0.0/16  IGP 10.0.0.2`,
      `10.0.0.2 ${OWN_ASN} fd01::/48  IGP fd00::2`,
    ]);
    const heard = rows.filter(([type, , what]) => type === 'BGP4MP_ET' && what === 'A');
    expect(heard.map((columns) => columns.slice(3, 6).join(' '))).toContain(
      '10.0.0.3 65003 10.1.0.0/24',
    );
    expect(
      rows.some(([, , what, , , from, to]) => what === 'STATE' && from === '5' && to === '6'),
    ).toBe(true);
  });
});

describe('a recording', () => {
  test('holds the messages of both directions and the steps of the session, in order', async () => {
    populate();
    const lines = await linesOf(Buffer.concat(records));
    const story = lines
      .filter(({ peer }) => peer?.address === '10.0.0.2')
      .map(({ type, direction, from, to, message }) =>
        type === 'state' ? `${from} > ${to}` : `${direction} ${message.type}`,
      );
    expect(story.slice(0, 7)).toEqual([
      'out OPEN',
      'active > open-sent',
      'in OPEN',
      'out KEEPALIVE',
      'open-sent > open-confirm',
      'in KEEPALIVE',
      'open-confirm > established',
    ]);
    expect(story).toContain('in UPDATE');
    expect(story).toContain('out UPDATE');
  });

  test('gives the routes that the speaker had, and none of a session that is lost', async () => {
    populate();
    const offline = new OfflineRib(processClock, undefined);
    await offline.feed(one(Buffer.concat(records)));
    expect(held(offline)).toContain('10.1.0.0/24 10.0.0.2 best');
    station.stop();
    const again = new Station();
    again.start({ peers: [peerAt('10.0.0.2')] });
    const { clock, speaker } = again;
    const write = (record: Buffer): unknown => records.push(record);
    again.probes.add(messageRecorder({ clock, write, peer: (name) => speaker.peer(name) }));
    again.established('10.0.0.2').crash();
    again.seconds(200);
    const after = new OfflineRib(processClock, undefined);
    await after.feed(one(Buffer.concat(records)));
    expect(held(after).filter((route) => route.includes('10.0.0.2'))).toEqual([]);
    again.stop();
    station = new Station();
    station.start({});
  });

  test('costs the speaker nothing once nobody records', () => {
    expect(station.probes.detailed).toBe(true);
    stop();
    expect(station.probes.detailed).toBe(false);
    const before = records.length;
    populate();
    expect(records.length).toBe(before);
  });
});

test('a recorded stream of the real world is taken whole', async () => {
  const file = readLines('mrt/updates-2010.hex.gz').flatMap((line) => {
    const [as4, , hex] = line.split(' ');
    if (hex === undefined || as4?.startsWith('#')) return [];
    const ends = { remoteAsn: 2497, localAsn: 65000, interfaceIndex: 0 };
    const { subtype, body } = encodeSessionRecord({
      ...ends,
      type: 'message',
      as4: as4 === '1',
      addPath: false,
      direction: 'in',
      remote: Uint8Array.of(202, 249, 2, 169),
      local: Uint8Array.of(202, 249, 2, 1),
      bytes: Buffer.from(hex, 'hex'),
    });
    return encodeRecord({ time: 0, type: BGP4MP, subtype, body });
  });
  const offline = new OfflineRib(processClock, undefined);
  await offline.feed(one(Buffer.concat(file)));
  expect(offline.refused).toBe(0);
  expect(held(offline).length).toBeGreaterThan(1000);
});
