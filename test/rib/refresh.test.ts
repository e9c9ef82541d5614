import { describe, expect, test } from 'vitest';
import { World } from './support.ts';

const FOUR = 'ipv4-unicast';
const [P, Q] = ['10.1.0.0/16', '10.2.0.0/16'];

const many = (count: number, second = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${second}.${i >> 8}.${i & 255}.0/24`);

describe('sending everything once more', () => {
  test('stands between BoRR and EoRR for a peer that knows them', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b', { enhancedRefresh: true });
    a.announce([P, Q]);
    world.settle();
    b.log.length = 0;
    b.rib.resend(FOUR);
    world.settle();
    expect(b.log).toEqual(['refresh 1', `+${P}`, `+${Q}`, 'refresh 2']);
    expect(world.rib.idle).toBe(true);
  });

  test('is plain for a peer that does not', () => {
    const world = new World();
    world.peer('a').announce([P]);
    const b = world.peer('b');
    world.settle();
    b.rib.resend(FOUR);
    world.settle();
    expect(b.log).toEqual([`+${P}`, 'end', `+${P}`]);
  });

  test('says so even of nothing', () => {
    const world = new World();
    const b = world.peer('b', { enhancedRefresh: true });
    world.settle();
    b.rib.resend(FOUR);
    world.settle();
    expect(b.log).toEqual(['end', 'refresh 1', 'refresh 2']);
  });

  test('waits for the first End-of-RIB', () => {
    const world = new World();
    world.peer('a').announce([P]);
    world.rib.defer();
    const b = world.peer('b', { enhancedRefresh: true });
    b.rib.resend(FOUR);
    world.settle();
    expect(b.log).toEqual([]);
    world.rib.release();
    world.settle();
    expect(b.log).toEqual([`+${P}`, 'end', 'refresh 1', `+${P}`, 'refresh 2']);
  });

  test('reaches nobody else', () => {
    const world = new World();
    world.peer('a').announce([P]);
    const b = world.peer('b', { enhancedRefresh: true });
    const c = world.peer('c', { enhancedRefresh: true });
    world.settle();
    b.rib.resend(FOUR);
    world.settle();
    expect(c.log).toEqual([`+${P}`, 'end']);
  });

  test('keeps its marks, and End-of-RIB, for a peer that fell behind', () => {
    const world = new World();
    const a = world.peer('a');
    world.peer('c');
    const b = world.peer('b', { enhancedRefresh: true });
    b.open = false;
    a.announce([P]);
    world.settle();
    b.rib.resend(FOUR);
    for (let round = 0; round < 1300; round++) {
      a.announce([Q], { communities: Array.from({ length: 900 }, (_, i) => 2048 * round + i) });
      world.settle();
    }
    expect(b.log).toEqual([`+${P}`]);
    b.drain();
    world.settle();
    const marks = ['end', 'refresh 1', `+${P}`, `+${Q}`, 'refresh 2'];
    expect(b.log.slice(b.log.indexOf('end'))).toEqual(marks);
  });

  test('goes on with the peer into another update group', () => {
    const world = new World();
    world.peer('a').announce(many(1000));
    const b = world.peer('b', { enhancedRefresh: true });
    world.settle();
    b.open = false;
    b.rib.resend(FOUR);
    world.settle();
    b.rib.configure({ ...b.rib.settings, nextHop: 'self' });
    world.settle();
    b.drain();
    world.settle();
    expect(b.log.at(-1)).toBe('refresh 2');
    expect(b.log.filter((line) => line === 'refresh 2')).toHaveLength(1);
    const refreshed = b.log.slice(b.log.indexOf('refresh 1'));
    expect(new Set(refreshed).size).toBe(1002);
    expect(world.rib.idle).toBe(true);
  });
});

describe('a peer that sends everything once more', () => {
  test('loses what it did not announce again', () => {
    const world = new World();
    const a = world.peer('a');
    const b = world.peer('b');
    a.announce([P, Q]);
    world.settle();
    a.rib.beginRefresh(FOUR);
    a.announce([P]);
    world.settle();
    expect(b.held).toEqual([P, Q]);
    a.rib.endRefresh(FOUR);
    world.settle();
    expect(b.held).toEqual([P]);
    expect(b.log.filter((line) => line === `+${P}`)).toHaveLength(1);
  });

  test('is not taken for one that restarted: its routes are not stale', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce([P]);
    a.rib.beginRefresh(FOUR);
    expect(a.rib.counts(FOUR).stale).toBe(0);
    a.rib.sweepStale([FOUR]);
    world.settle();
    expect(world.best()).toEqual([`${P} a`]);
  });

  test('keeps what it announces while the sweep before is under way', () => {
    const world = new World();
    const a = world.peer('a');
    a.announce(many(900));
    a.rib.beginRefresh(FOUR);
    a.rib.endRefresh(FOUR);
    a.announce([P, ...many(2)]);
    a.rib.beginRefresh(FOUR);
    world.settle();
    expect(world.best()).toHaveLength(3);
    a.announce([P]);
    a.rib.endRefresh(FOUR);
    world.settle();
    expect(world.best()).toEqual([`${P} a`]);
  });
});
