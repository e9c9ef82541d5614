import { describe, expect, test } from 'vitest';
import { World } from './support.ts';

describe('a prefix limit', () => {
  test.each(['warn', 'block', 'restart'] as const)('tells once that it is met: %s', (action) => {
    const world = new World();
    const prefixLimit = { max: 2, action, restartAfter: undefined };
    const limit = { ...prefixLimit, family: 'ipv4-unicast' };
    const a = world.peer('a', { settings: { prefixLimit } });
    const seen = [1, 2, 3, 4].map((i) => a.announce([`10.${i}.0.0/16`]).limit);
    expect(seen).toEqual([undefined, undefined, limit, undefined]);
    const { received } = a.rib.counts('ipv4-unicast');
    expect(received).toBe(action === 'block' ? 2 : 4);
    a.withdraw(['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16']);
    expect(a.announce(['10.5.0.0/16', '10.6.0.0/16', '10.7.0.0/16']).limit).toEqual(limit);
  });

  test.each([
    ['warn', 5],
    ['block', 2],
    ['restart', 5],
  ] as const)('that is lowered holds at once: %s', (action, left) => {
    const world = new World();
    const prefixLimit = { max: 2, action, restartAfter: undefined };
    const a = world.peer('a');
    const prefixes = [1, 2, 3, 4, 5].map((i) => `10.${i}.0.0/16`);
    for (const prefix of prefixes) a.announce([prefix]);
    world.settle();
    const crossed = [{ ...prefixLimit, family: 'ipv4-unicast' }];
    expect(a.rib.configure({ ...a.rib.settings, prefixLimit })).toEqual(crossed);
    world.settle();
    expect(a.rib.counts('ipv4-unicast').received).toBe(left);
    expect(world.best()).toEqual(prefixes.slice(0, left).map((prefix) => `${prefix} a`));
    expect(a.rib.configure({ ...a.rib.settings, allowOwnAs: 1 })).toEqual([]);
    expect(a.announce(['10.6.0.0/16']).limit).toBeUndefined();
    const wide = { ...prefixLimit, max: 9 };
    expect(a.rib.configure({ ...a.rib.settings, prefixLimit: wide })).toEqual([]);
    expect(a.rib.takeRoom()).toEqual(action === 'block' ? ['ipv4-unicast'] : []);
  });
});
