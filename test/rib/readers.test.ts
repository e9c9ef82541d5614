import { describe, expect, test } from 'vitest';
import { formatPrefix } from '../../src/net/prefix.ts';
import type { SentReader, SentStage, TableReader } from '../../src/rib/types.ts';
import { type Speaker, World } from './support.ts';

const MANY = Array.from({ length: 2000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);

/** What a reader of a session has been told, read until it is idle. */
class Told {
  /** MED by prefix and path id. */
  readonly paths = new Map<string, number | undefined>();
  readonly reader: SentReader;
  /** Changes handed out since the last look. */
  changes = 0;

  constructor(world: World, peer: string, stage: SentStage) {
    const reader = world.rib.openSentReader(peer, stage, () => {});
    if (reader === undefined) throw new Error(`${peer} is not there`);
    this.reader = reader;
  }

  read(): readonly string[] {
    this.changes = 0;
    while (!this.reader.idle) {
      const change = this.reader.next();
      if (change === undefined) continue;
      this.changes++;
      for (const { pathId, attributes } of change.paths) {
        const key = `${formatPrefix(change.prefix)} #${pathId}`;
        if (attributes === undefined) this.paths.delete(key);
        else this.paths.set(key, attributes.med);
      }
    }
    return [...this.paths].map(([key, med]) => `${key} ${med}`).sort();
  }
}

describe('a reader of what a session is sent', () => {
  test('hands out every path of an add-path session, and takes each back', () => {
    const world = new World();
    const [a, b] = [world.peer('a'), world.peer('b')];
    const receiver = world.peer('c', { addPathSend: true });
    a.announce(['10.0.0.0/8'], { med: 1 });
    b.announce(['10.0.0.0/8'], { med: 2 });
    world.settle();
    for (const stage of ['pre-policy', 'post-policy'] as const) {
      const told = new Told(world, 'c', stage);
      expect(told.read()).toEqual(['10.0.0.0/8 #1 1', '10.0.0.0/8 #2 2']);
      expect(told.reader.told('ipv4-unicast')).toBe(2);
      expect(told.paths.size).toBe(receiver.table.size);
      a.withdraw(['10.0.0.0/8']);
      world.settle();
      expect(told.read()).toEqual(['10.0.0.0/8 #2 2']);
      a.announce(['10.0.0.0/8'], { med: 1 });
      world.settle();
      expect(told.read()).toHaveLength(2);
      told.reader.close();
    }
  });

  test('says nothing of what is sent as before, though another path comes and goes', () => {
    const world = new World();
    const [a, b] = [world.peer('a'), world.peer('b')];
    world.peer('c');
    a.announce(['10.0.0.0/8'], { localPref: 200 });
    world.settle();
    const told = new Told(world, 'c', 'post-policy');
    told.read();
    b.announce(['10.0.0.0/8'], { localPref: 100 });
    world.settle();
    told.read();
    expect(told.changes).toBe(0);
  });

  test('follows its peer to another group and back, and agrees with the peer', () => {
    const world = new World();
    const source = world.peer('a', { kind: 'ebgp', asn: 65001 });
    const peer: Speaker = world.peer('c');
    source.announce(MANY);
    world.settle();
    const told = new Told(world, 'c', 'post-policy');
    expect(told.read()).toHaveLength(2000);
    const { settings } = peer.rib;
    peer.rib.configure({ ...settings, drain: 'withdrawn' });
    world.settle();
    expect(told.read()).toEqual([]);
    source.withdraw(MANY.slice(0, 500));
    world.settle();
    peer.rib.configure(settings);
    world.settle();
    expect(told.read()).toHaveLength(1500);
    expect(told.read().map((line) => line.split(' ')[0])).toEqual(peer.held);
  });

  test('ends with the session', () => {
    const world = new World();
    const source = world.peer('a');
    const peer = world.peer('c');
    const told = new Told(world, 'c', 'pre-policy');
    source.announce(['10.0.0.0/8']);
    world.settle();
    peer.rib.down([]);
    expect(told.reader.idle).toBe(true);
    expect(told.reader.next()).toBeUndefined();
  });

  test('and its whole table cost bounded stretches, also when it is closed', () => {
    const world = new World();
    const source = world.peer('a');
    world.peer('c');
    source.announce(MANY);
    world.settle();
    const told = new Told(world, 'c', 'post-policy');
    told.read();
    source.withdraw(MANY);
    world.settle();
    told.reader.close();
    expect(world.rib.idle).toBe(false);
    world.settle();
    expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 0 });
  });
});

describe('a reader of the tables', () => {
  const drain = (reader: TableReader): { announced: number; withdrawn: number } => {
    let [announced, withdrawn] = [0, 0];
    while (!reader.idle) {
      for (const { received } of reader.next()?.paths ?? []) {
        if (received === undefined) withdrawn++;
        else announced++;
      }
    }
    return { announced, withdrawn };
  };

  const filled = (): { world: World; peer: Speaker; reader: TableReader } => {
    const world = new World();
    const peer = world.peer('a');
    peer.announce(MANY);
    world.settle();
    return { world, peer, reader: world.rib.openTableReader(() => {}) };
  };

  test('hands out a table in calls that each look at few prefixes', () => {
    const { world, peer, reader } = filled();
    expect(drain(reader).announced).toBe(2000);
    peer.announce(MANY);
    peer.withdraw(MANY.slice(0, 1999));
    peer.announce(MANY.slice(0, 1999));
    world.settle();
    expect(reader.next()).toBeUndefined();
    expect(reader.idle).toBe(false);
    expect(drain(reader)).toEqual({ announced: 0, withdrawn: 0 });
  });

  test('repeats what a peer has, without a word of what was told before and is gone', () => {
    const { world, peer, reader } = filled();
    drain(reader);
    peer.withdraw(MANY.slice(0, 500));
    world.settle();
    reader.repeat('a');
    peer.withdraw(MANY.slice(500, 600));
    world.settle();
    expect(drain(reader)).toEqual({ announced: 1400, withdrawn: 0 });
    reader.repeat('a');
    reader.repeat('a');
    expect(drain(reader)).toEqual({ announced: 1400, withdrawn: 0 });
    peer.withdraw(MANY);
    world.settle();
    expect(drain(reader)).toEqual({ announced: 0, withdrawn: 1400 });
  });

  test('lets go of what it told in slices', () => {
    const { world, peer, reader } = filled();
    drain(reader);
    peer.rib.down([]);
    world.settle();
    expect(world.rib.records.count).toBe(1);
    reader.close();
    expect(world.rib.idle).toBe(false);
    world.settle();
    expect(world.rib.records.count).toBe(0);
    expect(world.rib.sizes()[0]).toMatchObject({ prefixes: 0 });
  });
});
