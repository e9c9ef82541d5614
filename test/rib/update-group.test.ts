import { describe, expect, test } from 'vitest';
import { differences, type GroupProfile, groupKey } from '../../src/rib/group-key.ts';
import { ACCEPT, addressOf, REJECT, SETTINGS, type Speaker, World } from './support.ts';

const BASE: GroupProfile = {
  family: 'ipv4-unicast',
  kind: 'client',
  role: undefined,
  as4: true,
  addPath: false,
  maxMessage: 4096,
  extendedNextHop: false,
  localAsn: 64512,
  nextHop: 'auto',
  ownNextHop: addressOf('10.0.0.1'),
  exportPolicy: ACCEPT,
  longLived: false,
  longLivedPartialDeployment: false,
  drain: 'off',
};

const OTHER: GroupProfile = {
  family: 'ipv6-unicast',
  kind: 'ibgp',
  role: 'provider',
  as4: false,
  addPath: true,
  maxMessage: 65535,
  extendedNextHop: true,
  localAsn: 64513,
  nextHop: 'self',
  ownNextHop: addressOf('10.0.0.2'),
  exportPolicy: REJECT,
  longLived: true,
  longLivedPartialDeployment: true,
  drain: 'graceful',
};

const FIELDS = Object.keys(BASE) as (keyof GroupProfile)[];

describe('the group key', () => {
  test.each(FIELDS)('puts peers that differ in %s into different groups', (field) => {
    const changed = { ...BASE, [field]: OTHER[field] };
    expect(groupKey(changed)).not.toBe(groupKey(BASE));
    expect(differences(changed, [BASE])).toEqual([field]);
  });

  test('is the same for equal profiles', () => {
    expect(groupKey({ ...BASE, ownNextHop: addressOf('10.0.0.1') })).toBe(groupKey(BASE));
  });
});

describe('an update group', () => {
  test('says why a peer is alone', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const c = world.peer('c', { settings: { nextHop: 'self' } });
    expect(a.rib.group('ipv4-unicast')).toMatchObject({ members: 2, aloneBecause: [] });
    expect(c.rib.group('ipv4-unicast')).toMatchObject({ members: 1, aloneBecause: ['nextHop'] });
    expect(b.rib.group('ipv6-unicast')).toBeUndefined();
  });

  test('hands the very same bytes to every member but the source', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const c = world.peer('c');
    world.settle();
    for (let i = 0; i < 50; i++) a.announce([`10.${i}.0.0/16`], { med: i });
    world.settle();
    expect(b.writes.slice(1)).toHaveLength(1);
    expect(b.writes).toEqual(c.writes);
    expect(a.writes).toHaveLength(1);
  });

  test('packs withdrawals into as few messages as they need', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    for (let i = 0; i < 250; i++) a.announce([`10.${i}.0.0/16`], { med: i });
    world.settle();
    const before = b.messages;
    for (let i = 0; i < 250; i++) a.withdraw([`10.${i}.0.0/16`]);
    world.settle();
    expect(b.messages - before).toBe(1);
    expect(b.held).toEqual([]);
  });

  test('withdraws a route from the member whose own path became the best', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const c = world.peer('c');
    a.announce(['10.1.0.0/16']);
    world.settle();
    expect(b.held).toEqual(['10.1.0.0/16']);
    b.announce(['10.1.0.0/16'], { localPref: 200 });
    world.settle();
    expect([a.held, b.held, c.held]).toEqual([['10.1.0.0/16'], [], ['10.1.0.0/16']]);
    b.withdraw(['10.1.0.0/16']);
    world.settle();
    expect([a.held, b.held, c.held]).toEqual([[], ['10.1.0.0/16'], ['10.1.0.0/16']]);
  });

  test('never sends a route to the peer that is its next hop', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b', { address: '10.7.7.7' });
    const c = world.peer('c');
    a.announce(['10.1.0.0/16'], { nextHop: addressOf('10.7.7.7') });
    world.settle();
    expect([b.held, c.held]).toEqual([[], ['10.1.0.0/16']]);
    expect(world.routes({ view: 'out', peer: 'b', filtered: true })).toMatchObject([
      { reason: 'next-hop-is-receiver' },
    ]);
    expect(world.routes({ view: 'out', peer: 'a', filtered: true })).toMatchObject([
      { reason: 'own-route' },
    ]);
  });

  test('sends a late joiner the table once, then End-of-RIB', () => {
    const world = new World();
    const a = world.peer('a');
    for (let i = 0; i < 20; i++) a.announce([`10.${i}.0.0/16`]);
    world.settle();
    const joiners = ['b', 'c', 'd'].map((name) => world.peer(name));
    world.settle();
    for (const joiner of joiners) {
      expect(joiner.held).toHaveLength(20);
      expect(joiner.log).toHaveLength(21);
      expect(joiner.log.at(-1)).toBe('end');
    }
    expect(a.log).toEqual(['end']);
  });

  test('a slow member neither grows a queue nor holds back the others, and catches up', () => {
    const world = new World();
    const a = world.peer('a');
    const slow = world.peer('slow');
    const quick = world.peer('quick');
    world.settle();
    slow.open = false;
    const communities = Array.from({ length: 800 }, (_, i) => i);
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 100; i++) {
        a.announce([`10.${i}.0.0/16`], { communities, med: 100 * round + i });
      }
      world.settle();
    }
    a.withdraw(['10.7.0.0/16']);
    world.settle();
    expect(quick.held).toHaveLength(99);
    expect(slow.writes.length).toBeLessThan(5);
    slow.drain();
    world.settle();
    expect(slow.held).toEqual(quick.held);
    expect(slow.table.get('10.9.0.0/16')).toMatchObject({ med: 1909 });
    expect(slow.log.length).toBeLessThan(500);
    a.announce(['10.7.0.0/16']);
    world.settle();
    expect(slow.held).toHaveLength(100);
    expect(slow.writes.at(-1)).toEqual(quick.writes.at(-1));
  });

  test('sends only the differences when a policy changes', () => {
    const world = new World();
    const a = world.peer('a');
    const peers = ['b', 'c', 'd'].map((name) => world.peer(name));
    for (let i = 0; i < 20; i++) a.announce([`10.${i}.0.0/16`]);
    world.settle();
    const [b, c, d] = peers;
    const before = peers.map(({ log }) => log.length);
    for (const each of peers.slice(0, 2)) {
      each.rib.configure({ ...SETTINGS, exportPolicy: { ...ACCEPT, key: 'accepts as well' } });
    }
    world.settle();
    expect(peers.map(({ log }) => log.length)).toEqual(before);
    expect(b?.rib.group('ipv4-unicast')).toMatchObject({ members: 2 });
    c?.rib.configure({ ...SETTINGS, exportPolicy: REJECT });
    world.settle();
    expect(c?.held).toEqual([]);
    d?.rib.configure({ ...SETTINGS, exportPolicy: { ...ACCEPT, key: 'accepts as well' } });
    world.settle();
    expect(d?.log).toHaveLength(before[2] ?? 0);
    expect(d?.rib.group('ipv4-unicast')).toMatchObject({ members: 2 });
  });

  test('keeps back a route that does not fit into a message, and says so', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    const communities = Array.from({ length: 1010 }, (_, i) => i);
    a.announce(['10.1.0.0/16']);
    world.settle();
    expect(b.held).toHaveLength(1);
    a.announce(['10.1.0.0/16'], { communities });
    world.settle();
    expect(b.held).toEqual([]);
    expect(world.routes({ view: 'out', peer: 'b', filtered: true })).toMatchObject([
      { reason: 'too-large' },
    ]);
  });
});

describe('add-path', () => {
  test('sends every usable path under a small number that stays', () => {
    const world = new World();
    const peers = ['a', 'b', 'c'].map((name) => world.peer(name));
    const d = world.peer('d', { addPathSend: true });
    for (const [index, each] of peers.entries()) {
      each.announce(['10.1.0.0/16'], { localPref: 100 + index });
      world.settle();
    }
    expect(d.held).toEqual(['10.1.0.0/16#1', '10.1.0.0/16#2', '10.1.0.0/16#3']);
    peers[1]?.withdraw(['10.1.0.0/16']);
    world.settle();
    expect(d.held).toEqual(['10.1.0.0/16#1', '10.1.0.0/16#3']);
    expect(d.table.get('10.1.0.0/16#3')).toMatchObject({ localPref: 102 });
    peers[1]?.announce(['10.1.0.0/16'], { localPref: 7 });
    world.settle();
    expect(d.table.get('10.1.0.0/16#2')).toMatchObject({ localPref: 7 });
  });

  test('keeps the paths of one peer apart by its identifiers', () => {
    const world = new World();
    const a = world.peer('a', { addPathReceive: true });
    const b = world.peer('b', { addPathSend: true });
    a.announce(['10.1.0.0/16'], {}, 71);
    a.announce(['10.1.0.0/16'], { med: 5 }, 72);
    world.settle();
    expect(b.held).toHaveLength(2);
    a.withdraw(['10.1.0.0/16'], 71);
    a.withdraw(['10.1.0.0/16'], 99);
    world.settle();
    expect(b.held).toHaveLength(1);
  });
});

test('a path that goes on under another path identifier keeps its route', () => {
  const world = new World();
  const options = { addPathSend: true, addPathReceive: true };
  const [sender, receiver] = ['sender', 'receiver'].map((name) => world.peer(name, options)) as [
    Speaker,
    Speaker,
  ];
  sender.announce(['10.1.0.0/16'], { localPref: 99 }, 1);
  world.settle();
  sender.announce(['10.1.0.0/16'], { localPref: 99 }, 2);
  sender.withdraw(['10.1.0.0/16'], 1);
  world.settle();
  sender.announce(['10.2.0.0/16'], { localPref: 101 }, 1);
  world.settle();
  const sent = world.routes({ view: 'out', peer: receiver.rib.name });
  expect(sent.map(({ attributes: of }) => of?.localPref)).toEqual([99, 101]);
});
