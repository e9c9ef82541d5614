import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SavedState } from '../../src/agent/saved-state.ts';
import { decodeState, encodeState, stateBody } from '../../src/agent/saved-state-file.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { RecordingLogger } from '../cli/recording-logger.ts';
import { scratchDirectory } from '../server/scratch.ts';
import { calico, node, nodes, World } from './world.ts';

const owner = { command: 'reflector', name: 'rr/1', datastore: 'etcd https://10.0.0.9:2379' };

let scratch: ReturnType<typeof scratchDirectory>;
let clock: VirtualClock;
let log: RecordingLogger;

beforeEach(() => {
  scratch = scratchDirectory();
  clock = new VirtualClock();
  log = new RecordingLogger();
});

afterEach(() => scratch.remove());

const stateIn = (directory: string, who = owner): SavedState =>
  new SavedState({ directory, owner: who, clock, logger: log });

/** Saves, and waits until the disk has it or the problem is told. */
async function saved(state: SavedState, resources: readonly Resource[]): Promise<void> {
  const told = log.entries.length;
  state.save(() => resources);
  clock.advance(5_000);
  await expect.poll(() => existsSync(state.file) || log.entries.length > told).toBe(true);
}

/** Lets the disk do what was asked of it. */
const turns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

function succeeds(...argv: readonly string[]): boolean {
  const [program = '', ...args] = argv;
  return spawnSync(program, args).status === 0;
}

const canMount = succeeds('unshare', '-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt');

describe('the last good state', () => {
  test('comes back as it was saved, and only its owner may read it', async () => {
    const directory = path.join(scratch.path, 'new', 'place');
    const state = stateIn(directory);
    await saved(state, nodes(3));
    expect(state.file).toBe(path.join(directory, 'reflector-rr_1.state'));
    expect(statSync(state.file).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(stateIn(directory).read()).toEqual({
      savedAt: Date.UTC(2026, 0, 1) + 5_000,
      resources: nodes(3),
    });
  });

  test('is nothing before it was saved for the first time', () => {
    const state = stateIn(scratch.path);
    expect(state.read()).toBeUndefined();
    expect(state.problem).toBeUndefined();
  });

  test('gathers changes, and writes the last', async () => {
    const state = stateIn(scratch.path);
    state.save(() => nodes(1));
    clock.advance(4_000);
    expect(existsSync(state.file)).toBe(false);
    await saved(state, nodes(2));
    expect(stateIn(scratch.path).read()?.resources).toHaveLength(2);
  });

  test('is written whole at a stop, however young the last change is', async () => {
    const state = stateIn(scratch.path);
    await saved(state, nodes(1));
    state.save(() => nodes(2));
    // The write of this is under way when more is wanted.
    clock.advance(5_000);
    state.save(() => nodes(3));
    await state.stop();
    expect(stateIn(scratch.path).read()?.resources).toEqual(nodes(3));
  });

  test('is written by nobody after a stop', async () => {
    const state = stateIn(scratch.path);
    await state.stop();
    state.save(() => nodes(1));
    clock.advance(60_000);
    await turns();
    expect(existsSync(state.file)).toBe(false);
  });

  test('does not hold up a stop for longer than a second', async () => {
    const state = stateIn(scratch.path);
    state.save(() => nodes(1));
    const stopped = state.stop();
    clock.advance(1_000);
    await stopped;
    expect(existsSync(state.file)).toBe(false);
    await expect.poll(() => existsSync(state.file)).toBe(true);
  });

  test('is told once where it cannot be written, and written when it can', async () => {
    const directory = path.join(scratch.path, 'place');
    writeFileSync(directory, 'a file');
    const state = stateIn(directory);
    await saved(state, nodes(1));
    expect(state.problem?.describe()).toContain('a restart will need the datastore');
    await turns();
    clock.advance(60_000);
    await turns();
    expect(log.entries).toHaveLength(1);
    unlinkSync(directory);
    await expect
      .poll(() => {
        clock.advance(60_000);
        return state.problem;
      })
      .toBeUndefined();
    expect(stateIn(directory).read()?.resources).toEqual(nodes(1));
  });

  test.skipIf(!existsSync('/proc/self'))('is told on a read-only file system', async () => {
    const state = stateIn('/proc/self/fdinfo');
    await saved(state, nodes(1));
    expect(state.problem?.code).toBe('state-not-saved');
  });

  test.skipIf(!canMount)('stays as it was on a disk that is full', async () => {
    expect(succeeds('mount', '-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', scratch.path)).toBe(true);
    try {
      const state = stateIn(scratch.path);
      await saved(state, nodes(3));
      state.save(() => nodes(500));
      clock.advance(5_000);
      await expect.poll(() => state.problem?.message).toContain('ENOSPC');
      expect(stateIn(scratch.path).read()?.resources).toEqual(nodes(3));
    } finally {
      succeeds('umount', scratch.path);
    }
  });
});

describe('a file that is no state of ours is refused with a message', () => {
  const whole = encodeState(owner, 0, stateBody(nodes(3)));

  test.each([
    ['an empty one', '', 'is no saved state'],
    ['one of something else', '{"format":"other"}\n', 'is no saved state'],
    ['one that was cut off', whole.slice(0, -10), 'is cut off or damaged'],
    ['one whose first line was cut', whole.slice(0, 20), 'is no saved state'],
    ['one with a flipped letter', whole.replace('node-2', 'node-9'), 'is cut off or damaged'],
    ['one of a later release', whole.replace('"version":1', '"version":2'), 'format version 2'],
    ['one of another node', whole.replace('rr/1', 'rr/2'), 'belongs to name rr/2, not to rr/1'],
    ['one of another datastore', whole.replace('10.0.0.9', '10.9.9.9'), 'belongs to datastore'],
    ['one that holds no objects', encodeState(owner, 0, '7\n'), 'holds what is no state'],
    ['one without a time', whole.replace('1970-01', 'soon'), 'holds what is no state'],
  ])('%s', (_what, text, message) => {
    const state = stateIn(scratch.path);
    writeFileSync(state.file, text);
    expect(state.read()).toBeUndefined();
    expect(state.problem?.describe()).toContain(message);
    expect(log.entries[0]?.msg).toBe('the last good state is not kept');
  });

  test('whatever its bytes are', () => {
    fc.assert(
      fc.property(
        fc.nat(whole.length - 1),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 20 }),
        (at, cut, put) => {
          const text = whole.slice(0, at) + put + whole.slice(at + cut);
          const outcome = decodeState(text, owner);
          if ('fault' in outcome) expect(outcome.fault).not.toBe('');
          else expect(outcome.resources).toEqual(nodes(3));
        },
      ),
    );
  });

  test('a directory in its place', () => {
    const state = stateIn(scratch.path);
    mkdirSync(state.file);
    expect(state.read()).toBeUndefined();
    expect(state.problem?.message).toContain('EISDIR');
  });
});

describe('an agent without its datastore', () => {
  async function savedBy(...resources: readonly Resource[]): Promise<void> {
    const world = new World({ saved: stateIn(scratch.path) });
    world.synchronise(...resources);
    clock.advance(5_000);
    await expect.poll(() => existsSync(stateIn(scratch.path).file)).toBe(true);
    await world.agent.stop();
  }

  const restarted = (): World => new World({ saved: stateIn(scratch.path) });

  test('puts the saved state in force after a short wait, and says that it is stale', async () => {
    await savedBy(...nodes(4));
    const world = restarted();
    world.put(node(1));
    world.clock.advance(4_000);
    expect(world.applied).toEqual([]);
    world.clock.advance(2_000);
    expect(world.peers).toHaveLength(3);
    expect(world.agent.status).toMatchObject({
      inSync: false,
      lastSync: Date.UTC(2026, 0, 1) + 5_000,
      stale: 'the datastore is not in sync: it was not read whole since the start',
    });
    expect(world.messages).toContain(
      'datastore not in sync: the state saved before the restart is in force',
    );
  });

  test('follows the datastore as soon as it is there', async () => {
    await savedBy(...nodes(4));
    const world = restarted();
    world.clock.advance(10_000);
    world.synchronise(...nodes(6));
    expect(world.peers).toHaveLength(5);
    expect(world.agent.status.stale).toBeUndefined();
  });

  test('does not touch the saved state when the datastore answers in time', async () => {
    await savedBy(...nodes(4));
    const world = restarted();
    world.synchronise(...nodes(3));
    world.clock.advance(60_000);
    expect(world.applied.map(({ peers }) => peers.length)).toEqual([2]);
  });

  test('holds back what vanished while it was down', async () => {
    await savedBy(...nodes(8));
    const world = restarted();
    world.synchronise(node(1));
    expect(world.peers).toHaveLength(7);
    expect(world.agent.status.held?.reason).toBe('7 of 8 Nodes vanished');
  });

  test('holds back peers whose objects vanished while it was down', async () => {
    const racks = [1, 2, 3, 4].map((number) =>
      calico('BGPPeer', `rack-${number}`, { peerIP: `172.16.0.${number}`, asNumber: 65_000 }),
    );
    await savedBy(node(1), ...racks);
    const world = restarted();
    world.synchronise(node(1));
    expect(world.peers).toHaveLength(4);
  });
});

test('of the Secrets only those are saved that a peering needs', async () => {
  const secret = (name: string): Resource => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'kube-system', labels: {}, annotations: {} },
    spec: {},
    data: { key: Buffer.from(`word of ${name}`).toString('base64') },
  });
  const rack = calico('BGPPeer', 'rack', {
    peerIP: '172.16.0.1',
    asNumber: 65_000,
    password: { secretKeyRef: { name: 'rack', key: 'key' } },
  });
  const world = new World({ saved: stateIn(scratch.path) });
  world.synchronise(node(1), rack, secret('rack'), secret('other'));
  clock.advance(5_000);
  const { file } = stateIn(scratch.path);
  await expect.poll(() => existsSync(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).not.toContain('"other"');
  const restarted = new World({ saved: stateIn(scratch.path) });
  restarted.clock.advance(5_000);
  expect(restarted.applied.at(-1)?.peers[0]?.password).toEqual({ value: 'word of rack' });
});
