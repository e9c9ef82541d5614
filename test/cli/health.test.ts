import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../src/cli/commands.ts';
import type { Management } from '../../src/server/management.ts';
import type { PeerFamily, SpeakerStatus } from '../../src/server/view.ts';
import { FakeView, fakePeer } from '../server/fake-view.ts';
import { openTestManagement, scratchDirectory } from '../server/scratch.ts';
import { FakeIo } from './fake-io.ts';

/** A view that started a given time ago, in seconds. */
class AgedView extends FakeView {
  age = 3600;

  override status(): SpeakerStatus {
    const startedAt = new Date(new FakeIo().clock.wallTime() - this.age * 1000).toISOString();
    return { ...super.status(), startedAt, ...this.more };
  }
}

let io: FakeIo;
let view: AgedView;
let scratch: ReturnType<typeof scratchDirectory>;
let management: Management;

beforeEach(async () => {
  scratch = scratchDirectory();
  io = new FakeIo();
  io.runDirectory = scratch.path;
  view = new AgedView();
  const socket = { path: path.join(scratch.path, 'node-worker-1.sock'), explicit: true };
  management = await openTestManagement({ http: undefined, socket });
  management.serve(view);
});

afterEach(() => {
  management.close();
  scratch.remove();
});

const health = (...args: string[]): Promise<number> => runCommandLine(['health', ...args], io);

const up = fakePeer('Mesh_10_0_0_2', '10.0.0.2');
const down = fakePeer('Node_10_0_0_3', '10.0.0.3', { state: 'Active', reason: 'nobody listens' });

describe('bengal health --ready', () => {
  test('is ready without peers that Calico asks about', async () => {
    view.peerRows = [fakePeer('Local_Workload_10_0_0_9', '10.0.0.9', { state: 'Idle' })];
    expect(await health('--ready')).toBe(0);
    expect(io.out).toBe('healthy\n');
  });

  test('asks for every peer while it is young, and names those that are missing', async () => {
    view.age = 5;
    view.peerRows = [up, down];
    expect(await health('--ready')).toBe(1);
    expect(io.lines).toEqual([
      'not healthy: BGP not established with 10.0.0.3',
      'not healthy: Node_10_0_0_3 is Active: nobody listens',
    ]);
    expect(await health('--ready', '--threshold-time', '1s')).toBe(0);
  });

  test('asks for one peer later', async () => {
    view.peerRows = [up, down];
    expect(await health('--ready')).toBe(0);
    expect(await health('--ready', '--threshold-time', '1h30m')).toBe(1);
    view.peerRows = [down];
    expect(await health('--ready')).toBe(1);
  });

  test('keeps the families apart', async () => {
    const [family] = down.families as readonly [PeerFamily];
    view.peerRows = [{ ...down, families: [{ ...family, family: 'ipv6-unicast' }] }];
    expect(await health('--ready')).toBe(0);
    expect(await health('--ready', '--v6')).toBe(1);
  });

  test('is not ready while recovery lasts and it is young', async () => {
    view.more = { state: 'restarting', recovery: { awaited: ['Mesh_10_0_0_2'], secondsLeft: 9 } };
    expect(await health('--ready')).toBe(0);
    view.age = 5;
    expect(await health('--ready')).toBe(1);
    expect(io.out).toContain('graceful restart in progress: waits for Mesh_10_0_0_2');
  });

  test('is not ready before there is a configuration', async () => {
    view.more = { state: 'waiting-for-datastore' };
    expect(await health('--ready')).toBe(1);
    view.more = { state: 'starting' };
    expect(await health('--ready')).toBe(1);
    expect(await health('--live')).toBe(0);
  });
});

describe('bengal health', () => {
  test('is not live when nobody answers, and says so on standard output', async () => {
    management.close();
    expect(await health('--live')).toBe(1);
    expect(io.out).toContain('not healthy: no daemon answers');
  });

  test('wants to know which probe, and a time that is one', async () => {
    expect(await health()).toBe(1);
    expect(await health('--ready', '--threshold-time', 'soon')).toBe(1);
    expect(io.complaints.join('\n')).toContain('--threshold-time: soon is not a time');
    expect(io.out).toBe('');
  });
});
