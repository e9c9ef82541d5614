import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { runCommandLine } from '../../src/cli/commands.ts';
import type { Management } from '../../src/server/management.ts';
import type { RouteRow } from '../../src/server/view.ts';
import { FakeControl } from '../server/fake-control.ts';
import { FakeView, fakePeer, fakeRoute } from '../server/fake-view.ts';
import { openTestManagement, scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';

let io: FakeIo;
let view: FakeView;
let control: FakeControl;
let scratch: ReturnType<typeof scratchDirectory>;
const opened: Management[] = [];

beforeEach(async () => {
  scratch = scratchDirectory();
  io = new FakeIo();
  io.runDirectory = scratch.path;
  view = await serve('node-worker-1.sock');
});

afterEach(() => {
  for (const management of opened.splice(0)) management.close();
  scratch.remove();
});

async function serve(name: string): Promise<FakeView> {
  const socket = { path: path.join(scratch.path, name), explicit: true };
  const management = await openTestManagement({ http: undefined, socket });
  opened.push(management);
  const served = new FakeView();
  control = new FakeControl();
  management.serve(served, control);
  return served;
}

const bengal = (...args: string[]): Promise<number> => runCommandLine(args, io);

describe('finding the daemon', () => {
  test('takes the only one that answers, whatever else lies about', async () => {
    mkdirSync(path.join(scratch.path, 'directory.sock'));
    writeFileSync(path.join(scratch.path, 'stale.sock'), '');
    expect(await bengal('peers')).toBe(0);
  });

  test('asks which of two', async () => {
    await serve('reflector-rr.sock');
    expect(await bengal('peers')).toBe(1);
    expect(io.complaints[0]).toContain('node-worker-1.sock');
    expect(io.complaints[0]).toContain('reflector-rr.sock');
    expect(io.complaints[0]).toContain('--socket PATH');
  });

  test('goes where --socket says, and else where BENGAL_SOCKET does', async () => {
    const other = await serve('reflector-rr.sock');
    other.peerRows = [fakePeer('Client_1', '10.9.9.9')];
    io.env['BENGAL_SOCKET'] = path.join(scratch.path, 'reflector-rr.sock');
    await bengal('peers', '-o', 'json');
    expect(io.out).toContain('Client_1');
    io.out = '';
    await bengal('peers', '-o', 'json', '--socket', path.join(scratch.path, 'node-worker-1.sock'));
    expect(io.out).toContain('Mesh_10_0_0_2');
  });

  test('exits 3 when there is none', async () => {
    io.runDirectory = path.join(scratch.path, 'nothing');
    expect(await bengal('peers')).toBe(3);
    expect(io.complaints[0]).toContain('no daemon answers');
    expect(await bengal('peers', '--socket', path.join(scratch.path, 'nothing.sock'))).toBe(3);
    expect(io.complaints[1]).toContain('nothing.sock: the daemon cannot be reached: ENOENT');
  });

  test('exits 3 while the daemon starts', async () => {
    const socket = { path: path.join(scratch.path, 'starting'), explicit: true };
    opened.push(await openTestManagement({ http: undefined, socket }));
    expect(await bengal('peers', '--socket', socket.path)).toBe(3);
    expect(io.complaints[0]).toContain('the daemon is starting');
  });
});

describe('bengal peers', () => {
  test('is a table with the columns that everybody knows', async () => {
    expect(await bengal('peers')).toBe(0);
    const [head, first] = io.lines;
    expect(head?.split(/ {2,}/)).toEqual([
      'PEER',
      'TYPE',
      'AS',
      'STATE',
      'UP/DOWN',
      'RCVD',
      'ACCEPTED',
      'SENT',
      'LAST ERROR',
    ]);
    expect(first).toMatch(/^Mesh_10_0_0_2 +mesh +64512 +Established +\S+ +3 +2 +4 +-$/);
  });

  test('exits 2 when a session is down, and says why it is', async () => {
    view.peerRows.push(
      fakePeer('Mesh_10_0_0_9', '10.0.0.9', { state: 'Active', reason: 'connection refused' }),
    );
    expect(await bengal('peers')).toBe(2);
    expect(io.lines.at(-1)).toMatch(/Active.*connection refused$/);
  });

  test('without peers is healthy', async () => {
    view.peerRows = [];
    expect(await bengal('peers', '-o', 'json')).toBe(0);
    expect(JSON.parse(io.out)).toEqual([]);
  });

  test('gives whole rows as JSON and YAML', async () => {
    await bengal('peers', '-o', 'json');
    expect(JSON.parse(io.out)).toEqual(view.peerRows);
    io.out = '';
    await bengal('peers', '-o', 'yaml');
    expect(parseYaml(io.out)).toEqual(view.peerRows);
  });

  test('shows more when wide', async () => {
    await bengal('peers', '-o', 'wide');
    expect(io.lines[0]).toContain('ADDRESS');
    expect(io.lines[1]).toContain('ipv4-unicast');
  });
});

describe('bengal peer', () => {
  test('tells everything about one, by name or address', async () => {
    view.peerRows[0] = fakePeer('Mesh_10_0_0_2', '10.0.0.2', {
      lastNotification: {
        direction: 'received',
        at: '2026-01-01T00:00:00.000Z',
        code: 6,
        subcode: 2,
        text: 'Cease / Administrative Shutdown',
        communication: 'back at \x1b[5mnoon',
      },
      capabilities: {
        ours: [{ code: 65, name: 'four-octet-as', detail: 'AS 64512' }],
        theirs: [{ code: 70, name: 'enhanced-route-refresh', detail: '' }],
      },
      updateGroup: { id: 3, members: 1, aloneBecause: ['exportPolicy'] },
    });
    expect(await bengal('peer', '10.0.0.2')).toBe(0);
    expect(io.out).toContain('6/2 Cease / Administrative Shutdown, "back at \\x1b[5mnoon"');
    expect(io.out).toContain('four-octet-as (65): we yes (AS 64512), peer no');
    expect(io.out).toContain('enhanced-route-refresh (70): we no, peer yes');
    expect(io.out).toContain('3, alone, because of exportPolicy');
    expect(io.out).toContain('3 received, 2 accepted, 1 rejected, 4 sent');
    expect(io.out).toContain('90 s, configured 90 s, 62 s left');
  });

  test('exits 2 when it is down, and when it does not exist', async () => {
    view.peerRows.push(fakePeer('Down', '10.0.0.9', { state: 'Idle', reason: 'held down' }));
    expect(await bengal('peer', 'Down', '-o', 'json')).toBe(2);
    expect(JSON.parse(io.out)).toMatchObject({ name: 'Down', state: 'Idle' });
    expect(await bengal('peer', '10.7.7.7')).toBe(2);
    expect(io.complaints[0]).toContain('no peer has the name or address 10.7.7.7');
  });

  test('exits 1 when the address is that of two peers', async () => {
    view.peerRows.push(fakePeer('Global_10_0_0_3', '10.0.0.3'));
    expect(await bengal('peer', '10.0.0.3')).toBe(1);
    expect(io.complaints[0]).toContain('Node_10_0_0_3, Global_10_0_0_3');
  });

  test('needs to be told which', async () => {
    expect(await bengal('peer')).toBe(1);
    expect(io.complaints).toEqual(['bengal peer: ADDR is missing', 'Try: bengal peer --help']);
  });
});

describe('bengal routes', () => {
  test('is a table of paths', async () => {
    view.routeRows = [
      fakeRoute('10.1.0.0/26', { asPath: '65001 65002', med: 5, pathId: 7 }),
      fakeRoute('10.2.0.0/26', {
        state: 'candidate',
        reason: 'longer-as-path',
        stale: true,
        pathId: 0,
      }),
    ];
    expect(await bengal('routes')).toBe(0);
    expect(io.lines[1]).toMatch(
      /^10\.1\.0\.0\/26 #7 +best +10\.0\.0\.2 +Mesh_10_0_0_2 +100 +5 +65001 65002 i .* only-path$/,
    );
    expect(io.lines[2]).toMatch(/^10\.2\.0\.0\/26 #0 +candidate \(stale\).* longer-as-path$/);
  });

  test('passes on what is asked for', async () => {
    await bengal('routes', '--in', '10.0.0.2', '--filtered', '10.1.0.0/26');
    expect(view.queries).toEqual([
      {
        view: 'in',
        peer: 'Mesh_10_0_0_2',
        filtered: true,
        prefix: { address: Uint8Array.of(10, 1, 0, 0), length: 26 },
      },
    ]);
  });

  test('exits 2 when the prefix that was asked about is not there', async () => {
    view.routeRows = [];
    expect(await bengal('routes', '10.1.0.0/26')).toBe(2);
    expect(await bengal('routes')).toBe(0);
  });

  test('exits 1 for a prefix that is none, and for two directions', async () => {
    expect(await bengal('routes', '10.1.0.0/33')).toBe(1);
    expect(await bengal('routes', '--in', 'a', '--out', 'b')).toBe(1);
    expect(view.queries).toEqual([]);
  });

  test('prints a big table whole, in every format', async () => {
    const count = 3000;
    const rows = (): RouteRow[] =>
      Array.from({ length: count }, (_, i) => fakeRoute(`10.${i >> 8}.${i & 255}.0/24`));
    view.routeRows = rows();
    await bengal('routes');
    expect(io.lines).toHaveLength(count + 1);
    io.out = '';
    await bengal('routes', '-o', 'json');
    expect(JSON.parse(io.out)).toHaveLength(count);
    io.out = '';
    await bengal('routes', '-o', 'yaml', '--limit', '100');
    expect(parseYaml(io.out)).toHaveLength(100);
  });
});

describe('bengal clear', () => {
  test('says what was begun', async () => {
    expect(await bengal('clear', '10.0.0.2', '--soft', 'in')).toBe(0);
    expect(await bengal('clear', '10.0.0.2', '--text', 'new cable')).toBe(0);
    expect(control.asked).toEqual(['clear Mesh_10_0_0_2 in', 'clear Mesh_10_0_0_2 hard new cable']);
    expect(io.lines).toEqual(['begun', 'begun']);
  });

  test('exits 2 where it cannot be done now, 1 where the question is wrong', async () => {
    control.outcome = { refused: 'the peer is Active' };
    expect(await bengal('clear', '10.0.0.2', '--soft', 'out')).toBe(2);
    expect(io.complaints[0]).toBe('bengal clear: the peer is Active');
    expect(await bengal('clear', '10.0.0.2', '--soft', 'out', '--text', 'x')).toBe(1);
    expect(await bengal('clear', '10.0.0.77')).toBe(2);
  });
});

describe('bengal accept-deletion', () => {
  test('names what counts as deleted now', async () => {
    control.outcome = { done: '2 objects count as deleted now', objects: ['Node//a', 'Node//b'] };
    expect(await bengal('accept-deletion')).toBe(0);
    expect(io.lines).toEqual(['2 objects count as deleted now', 'Node//a', 'Node//b']);
    expect(control.asked).toEqual(['accept-deletion']);
  });

  test('exits 4 when it is refused', async () => {
    control.outcome = { refused: 'the datastore is not in sync: connection refused' };
    expect(await bengal('accept-deletion')).toBe(4);
    expect(io.complaints[0]).toContain('not in sync: connection refused');
  });
});

describe('a configuration that is not the one of the datastore', () => {
  test('is told before the peers, beside their table', async () => {
    view.more = {
      datastore: {
        inSync: false,
        connected: false,
        since: '2026-01-01T00:10:00.000Z',
        detail: 'refused',
        lastSync: '2026-01-01T00:00:00.000Z',
        stale: 'the datastore is not in sync: refused',
      },
      heldDeletions: {
        since: '2026-01-01T00:00:00.000Z',
        reason: '5 of 10 Nodes vanished',
        count: 7,
        objects: ['Node//a'],
      },
    };
    expect(await bengal('peers', '-o', 'json')).toBe(0);
    expect(JSON.parse(io.out)).toHaveLength(2);
    expect(io.complaints).toEqual([
      'stale configuration: the datastore is not in sync: refused, ' +
        'in force is its state of 2026-01-01T00:00:00.000Z',
      'mass deletion held back: 5 of 10 Nodes vanished, 7 objects stay in force until they return, ' +
        'or bengal accept-deletion',
    ]);
    expect(await bengal('health', '--live')).toBe(0);
    expect(io.out).toContain('healthy\nnote: stale configuration');
  });
});

describe('bengal drain', () => {
  test('returns when every session has ended', async () => {
    view.more = { state: 'draining' };
    const running = bengal('drain', '--wait', '5', '--text', 'upgrade');
    await expect.poll(() => io.lines).toEqual(['begun']);
    view.more = { state: 'drained' };
    expect(await running).toBe(0);
    expect(control.asked).toEqual(['drain 5 upgrade']);
    expect(io.lines.at(-1)).toContain('every session has ended');
  });

  test('is taken back, and whoever waits for the end is told', async () => {
    view.more = { state: 'draining' };
    const running = bengal('drain', '--wait', '5');
    await expect.poll(() => io.lines).toEqual(['begun']);
    expect(await bengal('drain', '--cancel')).toBe(0);
    view.more = { state: 'running' };
    expect(await running).toBe(2);
    expect(control.asked).toEqual(['drain 5', 'cancel drain']);
    expect(io.lines.at(-1)).toBe('the drain was taken back');
  });

  test('exits 2 where it cannot be done, 1 where the question is wrong', async () => {
    control.outcome = { refused: 'it is being drained already' };
    expect(await bengal('drain')).toBe(2);
    expect(await bengal('drain', '--cancel')).toBe(2);
    expect(await bengal('drain', '--wait', 'long')).toBe(1);
    expect(await bengal('drain', '--cancel', '--wait', '5')).toBe(1);
  });
});
