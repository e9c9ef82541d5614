import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import { encodeSessionRecord } from '../../src/monitor/mrt/bgp4mp.ts';
import { BGP4MP_ET, encodeRecord } from '../../src/monitor/mrt/record.ts';
import type { Management } from '../../src/server/management.ts';
import { FakeView } from '../server/fake-view.ts';
import { ask, openTestManagement, scratchDirectory } from '../server/scratch.ts';
import { hex, update } from '../wire/fixtures.ts';
import { FakeIo } from './fake-io.ts';

let io: FakeIo;
let view: FakeView;
let scratch: ReturnType<typeof scratchDirectory>;
let management: Management;

beforeEach(async () => {
  scratch = scratchDirectory();
  io = new FakeIo();
  io.runDirectory = scratch.path;
  const socket = { path: path.join(scratch.path, 'speaker-10.0.0.1.sock'), explicit: true };
  management = await openTestManagement({ http: undefined, socket });
  view = new FakeView();
  management.serve(view);
});

afterEach(() => {
  management.close();
  scratch.remove();
});

const bengal = (...args: string[]): Promise<number> => runCommandLine(args, io);
const fileAt = (name: string): string => path.join(scratch.path, name);

/** An UPDATE of 10.0.0.2 that announces 10.1.0.0/16. */
function announcement(): Buffer {
  const attributes = '40010100 40020602010000fdeb 4003040a000002';
  const content = encodeSessionRecord({
    type: 'message',
    as4: true,
    addPath: false,
    direction: 'in',
    remoteAsn: 65003,
    localAsn: 64512,
    interfaceIndex: 0,
    remote: Uint8Array.of(10, 0, 0, 2),
    local: Uint8Array.of(10, 0, 0, 1),
    bytes: update('', attributes.replaceAll(' ', ''), '100a01'),
  });
  return encodeRecord({ time: 1_700_000_000_123_000, type: BGP4MP_ET, ...content });
}

describe('bengal mrt dump', () => {
  test('writes what the daemon gives to a file, octet for octet', async () => {
    const parts = [hex('00ff80'), Buffer.alloc(200_000, 7), hex('fe')];
    view.dump = parts;
    expect(await bengal('mrt', 'dump', fileAt('table.mrt'))).toBe(0);
    expect(readFileSync(fileAt('table.mrt')).equals(Buffer.concat(parts))).toBe(true);
  });

  test('writes to standard output without a file', async () => {
    view.dump = [hex('00ff80')];
    expect(await bengal('mrt', 'dump')).toBe(0);
    expect(io.out).toBe('\x00\xff\x80');
  });

  test('says which file cannot be written', async () => {
    expect(await bengal('mrt', 'dump', '/nonexistent/table.mrt')).toBe(1);
    expect(io.complaints[0]).toContain('/nonexistent/table.mrt: ENOENT');
  });
});

describe('bengal mrt record', () => {
  const recording = async (): Promise<(record: Uint8Array) => void> => {
    await expect.poll(() => view.recorders.size).toBe(1);
    const [write = () => {}] = view.recorders;
    return write;
  };

  test('writes whole records until it is interrupted, and lets the daemon go', async () => {
    const done = bengal('mrt', 'record', fileAt('messages.mrt'));
    const write = await recording();
    write(announcement());
    write(announcement().subarray(0, 40));
    await expect.poll(() => readFileSync(fileAt('messages.mrt')).length).toBeGreaterThan(0);
    io.signal('SIGINT');
    expect(await done).toBe(0);
    expect(readFileSync(fileAt('messages.mrt')).equals(announcement())).toBe(true);
    await expect.poll(() => view.recorders.size).toBe(0);
  });

  test('says so when the daemon ends first', async () => {
    const done = bengal('mrt', 'record', fileAt('messages.mrt'));
    (await recording())(announcement());
    await expect.poll(() => readFileSync(fileAt('messages.mrt')).length).toBeGreaterThan(0);
    management.close();
    expect(await done).toBe(3);
    expect(io.complaints[0]).toContain('the daemon ended');
  });

  test('a client that takes nothing is let go before it costs memory', async () => {
    const socket = path.join(scratch.path, 'speaker-10.0.0.1.sock');
    const stuck = ask(socket, '/api/v1/mrt/messages').catch(() => 'let go');
    const write = await recording();
    for (let octets = 0; octets < 16 * 1024 * 1024; octets += 65536) write(Buffer.alloc(65536));
    expect(await stuck).toBe('let go');
    await expect.poll(() => view.recorders.size).toBe(0);
  });
});

describe('bengal mrt replay', () => {
  test('prints each message as JSON, from a file that may be compressed', async () => {
    writeFileSync(fileAt('plain.mrt'), announcement());
    writeFileSync(fileAt('packed.mrt.gz'), gzipSync(announcement()));
    for (const name of ['plain.mrt', 'packed.mrt.gz']) {
      io.out = '';
      expect(await bengal('mrt', 'replay', fileAt(name))).toBe(0);
      expect(io.lines.map((line) => JSON.parse(line))).toMatchObject([
        {
          type: 'message',
          time: '2023-11-14T22:13:20.123Z',
          direction: 'in',
          peer: { address: '10.0.0.2', asn: 65003 },
          local: { address: '10.0.0.1', asn: 64512 },
          message: { type: 'UPDATE', nlri: ['10.1.0.0/16'] },
          remedies: [],
        },
      ]);
    }
  });

  test('prints the routes that a RIB makes of the file', async () => {
    writeFileSync(fileAt('plain.mrt'), announcement());
    expect(await bengal('mrt', 'replay', '--routes', '-o', 'json', fileAt('plain.mrt'))).toBe(0);
    expect(JSON.parse(io.out)).toMatchObject([
      { prefix: '10.1.0.0/16', peer: '10.0.0.2', state: 'best', asPath: '65003' },
    ]);
  });

  test('exits 2 for what is not MRT, with the place', async () => {
    writeFileSync(fileAt('wrong.mrt'), 'this is text and no MRT file at all');
    expect(await bengal('mrt', 'replay', fileAt('wrong.mrt'))).toBe(2);
    expect(io.complaints[0]).toMatch(/wrong\.mrt: record at octet 0: its length/);
  });

  test('exits 2 for a compressed file that is damaged', async () => {
    writeFileSync(fileAt('damaged.gz'), gzipSync(announcement()).fill(0, 12, 20));
    expect(await bengal('mrt', 'replay', fileAt('damaged.gz'))).toBe(2);
    expect(io.complaints[0]).toContain('damaged.gz');
  });

  test('asks for a file, and for an action that there is', async () => {
    expect(await bengal('mrt', 'replay')).toBe(1);
    expect(io.complaints[0]).toContain('FILE is missing');
    expect(await bengal('mrt', 'undo', 'x')).toBe(1);
    expect(io.complaints.join()).toContain('undo is none of dump, record, replay');
  });
});
