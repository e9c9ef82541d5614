import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import { encodeSessionRecord } from '../../src/monitor/mrt/bgp4mp.ts';
import { originalPace } from '../../src/monitor/mrt/pace.ts';
import { BGP4MP_ET, encodeRecord } from '../../src/monitor/mrt/record.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { processClock } from '../../src/runtime/process-clock.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { NodeTransport } from '../../src/transport/node-transport.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { resolved } from '../speaker/station.ts';
import { update } from '../wire/fixtures.ts';
import { FakeIo } from './fake-io.ts';

let scratch: ReturnType<typeof scratchDirectory>;
let io: FakeIo;

beforeEach(() => {
  scratch = scratchDirectory();
  io = new FakeIo();
});

afterEach(() => scratch.remove());

/** MED 7, LOCAL_PREF 200. */
const ATTRIBUTES = '40010100400200400304cb00710280040400000007400504000000c8';
/** fd02::/64 by way of 2001:db8::2, LOCAL_PREF 200. */
const MP_ATTRIBUTES =
  '40010100400200400504000000c8800e1e0002011020010db800000000000000000000000200' +
  '40fd02000000000000';

/** An UPDATE that an internal peer of the recording sent. */
function recorded(withdrawn: string, nlri: string, attributes = ATTRIBUTES): Buffer {
  const content = encodeSessionRecord({
    type: 'message',
    as4: true,
    addPath: false,
    direction: 'in',
    remoteAsn: 64500,
    localAsn: 64500,
    interfaceIndex: 0,
    remote: Uint8Array.of(10, 0, 0, 2),
    local: Uint8Array.of(10, 0, 0, 1),
    bytes: update(withdrawn, withdrawn === '' ? attributes : '', nlri),
  });
  return encodeRecord({ time: 1_700_000_000_000_000, type: BGP4MP_ET, ...content });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A speaker that waits for 127.0.0.1 of an AS, and the routes that it has. */
function receiver(
  port: number,
  asn = 64512,
): { speaker: Speaker; routes: () => readonly string[] } {
  const speaker = new Speaker({
    clock: processClock,
    random: seededRandom(3),
    logger: silentLogger,
    probe: silentProbe,
    transport: new NodeTransport({ clock: processClock }),
    openKernel: () => {
      throw new Error('no FIB');
    },
  });
  const peer = { name: 'replay', address: '127.0.0.1', asn, passive: true };
  speaker.apply(resolved({ listen: [{ address: '127.0.0.1', port }], peers: [peer] }));
  const all = { family: undefined, peer: undefined, filtered: false, prefix: undefined };
  const routes = (): readonly string[] =>
    [...(speaker.rib?.routes({ ...all, view: 'in' }) ?? [])].map(
      ({ prefix, attributes }) =>
        `${formatPrefix(prefix)} med ${attributes?.med} pref ${attributes?.localPref}`,
    );
  return { speaker, routes };
}

describe('bengal mrt replay --to', () => {
  test('announces to a live peer what a recording leaves, and withdraws it at the end', async () => {
    const file = path.join(scratch.path, 'recording.mrt');
    writeFileSync(
      file,
      Buffer.concat([
        recorded('', '100a01'),
        recorded('', '100a02'),
        recorded('100a01', ''),
        recorded('', '100a03'),
      ]),
    );
    const port = await freePort();
    const { speaker, routes } = receiver(port);
    const to = `127.0.0.1:${port}`;
    const done = runCommandLine(['mrt', 'replay', file, '--to', to, '--asn', '64512'], io);
    const expected = ['10.2.0.0/16 med 7 pref 200', '10.3.0.0/16 med 7 pref 200'];
    await expect.poll(() => [...routes()].sort(), { timeout: 20_000 }).toEqual(expected);
    io.signal('SIGINT');
    expect(await done).toBe(0);
    await expect.poll(routes, { timeout: 20_000 }).toEqual([]);
    speaker.stop();
  }, 60_000);

  test('gives an external peer an IPv6 next hop of this machine over IPv4', async () => {
    const file = path.join(scratch.path, 'recording.mrt');
    writeFileSync(file, recorded('', '', MP_ATTRIBUTES));
    const port = await freePort();
    const { speaker, routes } = receiver(port, 64513);
    const own = ['--to', `127.0.0.1:${port}`, '--asn', '64513', '--peer-asn', '64512'];
    const done = runCommandLine(['mrt', 'replay', file, ...own], io);
    await expect
      .poll(routes, { timeout: 20_000 })
      .toEqual(['fd02::/64 med undefined pref undefined']);
    io.signal('SIGINT');
    expect(await done).toBe(0);
    speaker.stop();
  }, 60_000);

  test('that is interrupted before there is a session says so with its exit code', async () => {
    const file = path.join(scratch.path, 'recording.mrt');
    writeFileSync(file, recorded('', '100a01'));
    const to = `127.0.0.1:${await freePort()}`;
    const done = runCommandLine(['mrt', 'replay', file, '--to', to, '--asn', '64512'], io);
    await expect
      .poll(() => io.complaints)
      .toContain(`bengal mrt: waiting for a session with ${to}`);
    io.signal('SIGINT');
    expect(await done).toBe(2);
  });

  test.each([
    [[], '--asn N is missing'],
    [['--asn', 'x'], '--asn: x'],
    [['--asn', '0'], 'asn'],
    [['--asn', '64512', '--speed', '0'], '--speed: 0'],
  ])('with %j is refused', async (args, message) => {
    expect(await runCommandLine(['mrt', 'replay', '-', '--to', '127.0.0.1', ...args], io)).toBe(1);
    expect(io.complaints.join('\n')).toContain(message);
  });
});

test('the original pace is that of the times in the file, so many times as fast', async () => {
  const clock = new VirtualClock();
  const pace = originalPace(clock, 10);
  const second = 1_000_000;
  await pace(1_700_000_000 * second);
  let due = false;
  const waiting = pace(1_700_000_060 * second).then(() => {
    due = true;
  });
  clock.advance(5999);
  await Promise.resolve();
  expect(due).toBe(false);
  clock.advance(1);
  await waiting;
  expect(due).toBe(true);
});
