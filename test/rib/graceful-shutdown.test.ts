import { describe, expect, test } from 'vitest';
import { World } from './support.ts';

const P = '10.1.0.0/16';
const EBGP = { kind: 'ebgp', asn: 65001 } as const;
const GRACEFUL_SHUTDOWN = 0xffff0000;

describe('a received route with GRACEFUL_SHUTDOWN', () => {
  test('is the last choice, and internal peers see it as such', () => {
    const world = new World();
    const a = world.peer('a', { ...EBGP, settings: { gracefulShutdown: true } });
    const inside = world.peer('inside');
    a.announce([P], { asPath: [{ type: 'sequence', asns: [65001] }], localPref: undefined });
    world.settle();
    expect(inside.table.get(P)).toMatchObject({ localPref: 100 });
    a.announce([P], {
      asPath: [{ type: 'sequence', asns: [65001] }],
      localPref: undefined,
      communities: [GRACEFUL_SHUTDOWN],
    });
    world.settle();
    expect(inside.table.get(P)).toMatchObject({ localPref: 0, communities: [GRACEFUL_SHUTDOWN] });
  });

  test('is like any other where that is not asked for, and again when it is', () => {
    const world = new World();
    const a = world.peer('a', EBGP);
    const inside = world.peer('inside');
    a.announce([P], { communities: [GRACEFUL_SHUTDOWN], localPref: undefined });
    world.settle();
    expect(inside.table.get(P)).toMatchObject({ localPref: 100 });
    a.rib.configure({ ...a.rib.settings, gracefulShutdown: true });
    world.settle();
    expect(inside.table.get(P)).toMatchObject({ localPref: 0 });
  });
});

describe('while this speaker is drained', () => {
  test('other ASes are told by the community, our own by LOCAL_PREF 0, reflected routes too', () => {
    const world = new World();
    const a = world.peer('a');
    const inside = world.peer('inside');
    const outside = world.peer('outside', { ...EBGP, settings: { nextHop: 'self' } });
    a.announce([P], { localPref: 200, communities: [64512] });
    world.settle();
    for (const { rib } of [a, inside, outside])
      rib.configure({ ...rib.settings, drain: 'graceful' });
    world.settle();
    expect(inside.table.get(P)).toMatchObject({ localPref: 0, communities: [64512] });
    expect(outside.table.get(P)?.communities).toEqual([64512, GRACEFUL_SHUTDOWN]);
    for (const { rib } of [inside, outside]) rib.configure({ ...rib.settings, drain: 'withdrawn' });
    world.settle();
    expect([inside.held, outside.held]).toEqual([[], []]);
    expect(world.best()).toEqual([`${P} a`]);
    const [held] = world.routes({ view: 'out', peer: 'inside', filtered: true });
    expect(held?.reason).toBe('draining');
  });
});
