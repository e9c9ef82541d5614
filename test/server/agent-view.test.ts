import { expect, test } from 'vitest';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { ProbeSet } from '../../src/runtime/probe-set.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { exposition } from '../../src/server/exposition.ts';
import { speakerView } from '../../src/server/speaker-view.ts';
import type { SpeakerView } from '../../src/server/view.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { nodes, World } from '../agent/world.ts';

/** What is shown of an agent whose speaker was never given anything. */
function viewOf({ agent, clock }: World): SpeakerView {
  const random = seededRandom(1);
  const speaker = new Speaker({
    clock,
    random,
    logger: silentLogger,
    probe: silentProbe,
    transport: new MemoryNetwork({ clock, random }).host(['10.0.0.1']),
    openKernel: () => {
      throw new Error('there is no kernel here');
    },
  });
  return speakerView({
    command: 'node',
    name: 'node-1',
    version: '1',
    speaker,
    agent,
    clock,
    probes: new ProbeSet(),
    bmp: { status: [] },
  });
}

function metric(view: SpeakerView, name: string): string | undefined {
  const lines = [...exposition(view.metrics())].join('').split('\n');
  return lines.find((line) => line.startsWith(`${name} `))?.split(' ')[1];
}

const check = (view: SpeakerView, name: string): string | undefined =>
  view.readiness().checks.find((at) => at.name === name)?.message;

test('before the datastore was read nothing is stale, and nothing is there', () => {
  const view = viewOf(new World());
  expect(metric(view, 'bengal_config_stale')).toBe('0');
  expect(metric(view, 'bengal_datastore_connected')).toBe('0');
  expect(metric(view, 'bengal_datastore_last_sync_timestamp_seconds')).toBeUndefined();
  expect(check(view, 'datastore')).toBe('not in sync: the first snapshot has not come yet');
});

test('in sync, the last sync is now', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(3));
  world.clock.advance(99_999);
  expect(metric(view, 'bengal_config_stale')).toBe('0');
  expect(metric(view, 'bengal_datastore_connected')).toBe('1');
  expect(metric(view, 'bengal_datastore_last_sync_timestamp_seconds')).toBe(
    String(world.clock.wallTime() / 1000),
  );
  expect(check(view, 'datastore')).toBe('in sync, 3 objects');
});

test('a silence is told before it makes the view stale', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(3));
  world.listener.disconnected?.();
  expect(metric(view, 'bengal_datastore_connected')).toBe('0');
  expect(metric(view, 'bengal_config_stale')).toBe('0');
  expect(check(view, 'datastore')).toBe('in sync, 3 objects, but it does not answer now');
  world.listener.connected?.();
  expect(metric(view, 'bengal_datastore_connected')).toBe('1');
});

test('lost sync is stale, everywhere and until it is back', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(3));
  world.listener.lostSync('connection refused');
  world.clock.advance(60_000);
  const sync = '2026-01-01T00:00:00.002Z';
  expect(metric(view, 'bengal_config_stale')).toBe('1');
  expect(Number(metric(view, 'bengal_datastore_last_sync_timestamp_seconds'))).toBe(
    Date.parse(sync) / 1000,
  );
  expect(view.status().datastore).toMatchObject({
    inSync: false,
    lastSync: sync,
    stale: 'the datastore is not in sync: connection refused',
  });
  expect(check(view, 'datastore')).toBe(
    `stale: the datastore is not in sync: connection refused (in force is its state of ${sync})`,
  );
  expect(world.messages).toContain('datastore out of sync: last good state stays in force');
  world.listener.synchronised();
  expect(metric(view, 'bengal_config_stale')).toBe('0');
  expect(world.messages.at(-1)).toBe('datastore in sync');
});

test('a datastore that has forgotten the own Node leaves a stale configuration', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(5));
  world.delete(...nodes(1));
  expect(metric(view, 'bengal_config_stale')).toBe('1');
  expect(view.status().datastore?.stale).toContain('nothing can be derived');
});

test('deletions that are held back are counted and named', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(100));
  expect(metric(view, 'bengal_deletions_held')).toBe('0');
  expect(check(view, 'mass-deletion')).toBe('nothing is held back');
  world.delete(...nodes(100).slice(50));
  expect(metric(view, 'bengal_deletions_held')).toBe('50');
  expect(check(view, 'mass-deletion')).toContain('50 of 100 Nodes vanished: 50 objects stay');
  expect(view.readiness().checks.find(({ name }) => name === 'mass-deletion')?.ok).toBe(true);
  expect(view.status().heldDeletions).toMatchObject({ count: 50, objects: { length: 20 } });
});

test('peers that the datastore has and the daemon lacks are two different numbers', () => {
  const world = new World();
  const view = viewOf(world);
  world.synchronise(...nodes(3));
  expect(metric(view, 'bengal_config_desired_peers')).toBe('2');
  expect(metric(view, 'bengal_config_actual_peers')).toBe('0');
});
