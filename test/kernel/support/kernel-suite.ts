import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Kernel, KernelRoute, ProgramError } from '../../../src/kernel/kernel.ts';
import type { Machine } from './machine.ts';
import { Picture, routeOf, textOf } from './routes.ts';

/** What every `Kernel` must do, whatever is below it. */
export function kernelSuite(makeMachine: () => Machine): void {
  let machine: Machine;
  let kernel: Kernel;
  let picture: Picture;

  beforeEach(async () => {
    machine = makeMachine();
    machine.setLink('eth0', true);
    machine.setLink('eth1', true);
    machine.addAddress('eth0', '10.0.0.1/24');
    machine.addAddress('eth0', 'fd00::1/64');
    machine.addAddress('eth1', '10.0.1.1/24');
    kernel = machine.open();
    picture = new Picture();
    kernel.start(picture);
    await machine.until(() => picture.synchronisations > 0);
  });

  afterEach(() => {
    kernel.close();
    machine.close();
  });

  const request = async (
    op: 'add' | 'replace' | 'remove',
    route: KernelRoute,
  ): Promise<ProgramError | undefined> => {
    let answer: { readonly error: ProgramError | undefined } | undefined;
    kernel[op](route, (error) => {
      answer = { error };
    });
    expect(answer).toBeUndefined();
    await machine.until(() => answer !== undefined);
    return answer?.error;
  };

  const errnoOf = async (op: 'add' | 'replace' | 'remove', route: KernelRoute): Promise<string> =>
    (await request(op, route))?.errno ?? 'none';

  describe('reading', () => {
    test('tells links, addresses and their connected routes before it is synchronised', () => {
      expect(picture.links.get('eth0')).toBe(true);
      expect(picture.addresses).toContain('eth0 10.0.0.1 10.0.0.0/24');
      expect(picture.addresses).toContain('eth0 fd00::1 fd00::/64');
      expect(picture.routes(2)).toContain('10.0.0.0/24 @eth0 metric 0 protocol 2');
      expect(picture.routes(2)).toContain('fd00::/64 @eth0 metric 256 protocol 2');
    });

    test('follows routes of other programs', async () => {
      const route = routeOf('10.9.0.0/24', '10.0.0.7@eth0', { protocol: 80, metric: 7 });
      machine.add(route);
      await machine.until(() => picture.routes().includes(textOf(route)));
      machine.remove(route);
      await machine.until(() => picture.routes().length === 0);
    });

    test('tells a change in place as the same route again', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.0.7@eth0', { protocol: 80 }));
      machine.replace(routeOf('10.9.0.0/24', '10.0.0.8@eth0', { protocol: 80 }));
      const changed = '10.9.0.0/24 10.0.0.8@eth0 metric 1024 protocol 80';
      await machine.until(() => picture.routes().includes(changed));
      expect(picture.log.filter((line) => line.startsWith('-'))).toEqual([]);
    });

    test('tells that a route is gone when another protocol took its place', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.0.7@eth0', { protocol: 80 }));
      machine.replace(routeOf('10.9.0.0/24', 'blackhole', { protocol: 3 }));
      await machine.until(() => picture.routes(3).length === 1);
      expect(picture.routes()).toEqual(['10.9.0.0/24 blackhole metric 1024 protocol 3']);
    });

    test('tells that the routes of an interface are gone when it goes down', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.1.7@eth1'));
      machine.add(routeOf('10.8.0.0/24', '10.0.0.7@eth0'));
      await machine.until(() => picture.routes().length === 2);
      machine.setLink('eth1', false);
      await machine.until(() => picture.links.get('eth1') === false);
      await machine.until(() => picture.routes().length === 1);
      expect(picture.routes()).toEqual(['10.8.0.0/24 10.0.0.7@eth0 metric 1024 protocol 12']);
      expect(picture.routes(2)).not.toContain('10.0.1.0/24 @eth1 metric 0 protocol 2');
    });

    test('keeps a multipath route as long as one of its interfaces is up', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.0.7@eth0 10.0.1.7@eth1'));
      await machine.until(() => picture.routes().length === 1);
      machine.setLink('eth1', false);
      await machine.settle();
      expect(picture.routes()).toHaveLength(1);
      machine.setLink('eth0', false);
      await machine.until(() => picture.routes().length === 0);
    });

    test('tells that link, address and routes are gone with a deleted interface', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.1.7@eth1'));
      await machine.until(() => picture.routes().length === 1);
      machine.removeLink('eth1');
      await machine.until(() => !picture.links.has('eth1') && picture.routes().length === 0);
      expect(picture.addresses).not.toContain('eth1 10.0.1.1 10.0.1.0/24');
    });

    test('tells that the routes of an interface are gone with its last address', async () => {
      machine.add(routeOf('10.9.0.0/24', '10.0.1.7@eth1'));
      await machine.until(() => picture.routes().length === 1);
      machine.removeAddress('eth1', '10.0.1.1/24');
      await machine.until(() => picture.routes().length === 0);
      expect(picture.addresses).not.toContain('eth1 10.0.1.1 10.0.1.0/24');
    });
  });

  describe('writing', () => {
    test.each([
      ['10.1.0.0/24', '10.0.0.2@eth0'],
      ['10.1.0.0/24', '10.0.0.2@eth0 10.0.1.3@eth1*4'],
      ['10.1.0.0/24', '192.0.2.1@eth0!'],
      ['10.1.0.0/24', 'fe80::5@eth0'],
      ['10.1.0.0/24', '@eth1'],
      ['10.1.0.0/24', 'blackhole'],
      ['0.0.0.0/0', '10.0.0.2@eth0'],
      ['10.1.0.1/32', 'unreachable'],
      ['fd01::/64', 'fd00::2@eth0'],
      ['fd01::/64', 'fd00::2@eth0 fe80::3@eth1*2'],
      ['fd01::/64', '2001:db8::9@eth0!'],
      ['fd01::/64', 'blackhole'],
      ['fd01::1/128', 'prohibit'],
    ])('adds %s %s, shows it so and removes it', async (prefix, ways) => {
      const route = routeOf(prefix, ways);
      expect(await request('add', route)).toBeUndefined();
      expect(picture.routes()).toEqual([textOf(route)]);
      expect(await request('remove', route)).toBeUndefined();
      expect(picture.routes()).toEqual([]);
    });

    test.each([
      ['10.1.0.0/24', '10.0.0.2@eth0', '10.0.1.3@eth1'],
      ['10.1.0.0/24', '10.0.0.2@eth0', '10.0.0.2@eth0 10.0.1.3@eth1'],
      ['10.1.0.0/24', '10.0.0.2@eth0 10.0.1.3@eth1', 'blackhole'],
      ['fd01::/64', 'fd00::2@eth0', 'fd00::2@eth0 fd00::3@eth0'],
      ['fd01::/64', 'fd00::2@eth0 fd00::3@eth0', 'fd00::3@eth0'],
      ['fd01::/64', 'fd00::2@eth0 fd00::3@eth0', 'fd00::4@eth0 fd00::5@eth0 fd00::6@eth0'],
      ['fd01::/64', 'fd00::2@eth0 fd00::3@eth0', 'unreachable'],
      ['fd01::/64', 'blackhole', 'fd00::2@eth0 fd00::3@eth0'],
    ])('replaces %s %s by %s without a gap', async (prefix, before, after) => {
      await request('add', routeOf(prefix, before));
      expect(await request('replace', routeOf(prefix, after))).toBeUndefined();
      expect(picture.routes()).toEqual([textOf(routeOf(prefix, after))]);
      expect(picture.log.filter((line) => line.startsWith('-'))).toEqual([]);
    });

    test('lets the kernel choose the interface', async () => {
      expect(await request('add', routeOf('10.1.0.0/24', '10.0.1.9'))).toBeUndefined();
      expect(picture.routes()).toEqual(['10.1.0.0/24 10.0.1.9@eth1 metric 1024 protocol 12']);
    });

    test.each(['10.1.0.0/24', 'fd01::/64'])('never adds %s over a route', async (prefix) => {
      machine.add(routeOf(prefix, 'blackhole', { protocol: 3 }));
      expect(await errnoOf('add', routeOf(prefix, 'unreachable'))).toBe('EEXIST');
      expect(picture.routes()).toEqual([textOf(routeOf(prefix, 'blackhole', { protocol: 3 }))]);
    });

    test('adds beside a route of another metric', async () => {
      machine.add(routeOf('10.1.0.0/24', 'blackhole', { protocol: 3, metric: 5 }));
      expect(await errnoOf('add', routeOf('10.1.0.0/24', 'unreachable'))).toBe('none');
      expect(picture.routes()).toHaveLength(2);
    });

    test('stores metric 0 of IPv6 as 1024', async () => {
      const route = routeOf('fd01::/64', 'blackhole', { metric: 0 });
      expect(await errnoOf('add', route)).toBe('none');
      expect(picture.routes()).toEqual(['fd01::/64 blackhole metric 1024 protocol 12']);
      expect(await errnoOf('remove', route)).toBe('none');
    });

    test.each(['10.1.0.0/24', 'fd01::/64'])(
      'refuses to replace %s where nothing is',
      async (to) => {
        expect(await errnoOf('replace', routeOf(to, 'blackhole'))).toBe('ENOENT');
      },
    );

    test('refuses to remove what is not there or not of this protocol', async () => {
      machine.add(routeOf('10.1.0.0/24', 'blackhole', { protocol: 3 }));
      expect(await errnoOf('remove', routeOf('10.1.0.0/24', 'blackhole'))).toBe('ESRCH');
      expect(await errnoOf('remove', routeOf('10.2.0.0/24', 'blackhole'))).toBe('ESRCH');
      expect(picture.routes(3)).toHaveLength(1);
    });

    test.each([
      ['10.1.0.0/24', '192.0.2.1@eth0', 'ENETUNREACH'],
      ['10.1.0.0/24', '192.0.2.1', 'ENETUNREACH'],
      ['fd01::/64', '2001:db8::1@eth0', 'EHOSTUNREACH'],
      ['10.1.0.0/24', '10.0.0.2@nowhere', 'ENODEV'],
    ])('refuses %s by %s with %s', async (prefix, ways, errno) => {
      expect(await errnoOf('add', routeOf(prefix, ways))).toBe(errno);
      expect(picture.routes()).toEqual([]);
    });

    test('refuses a route over an interface that is down', async () => {
      machine.setLink('eth1', false);
      expect(await errnoOf('add', routeOf('10.1.0.0/24', '192.0.2.1@eth1!'))).toBe('ENETDOWN');
    });

    test('answers many requests in order, after telling of each change', async () => {
      const count = 1000;
      const seen: boolean[] = [];
      for (let i = 0; i < count; i++) {
        const route = routeOf(`10.${i >> 8}.${i & 255}.0/24`, 'blackhole', { metric: 9 });
        kernel.add(route, () =>
          seen.push(picture.routes(12).includes(textOf(route)) || i % 50 > 0),
        );
      }
      await machine.until(() => seen.length === count);
      expect(seen).not.toContain(false);
      expect(picture.routes(12)).toHaveLength(count);
    });
  });

  describe('another life', () => {
    test('finds the routes that the first one left', async () => {
      await request('add', routeOf('10.1.0.0/24', '10.0.0.2@eth0'));
      kernel.close();
      kernel = machine.open();
      picture = new Picture();
      kernel.start(picture);
      await machine.until(() => picture.synchronisations > 0);
      expect(picture.routes()).toEqual(['10.1.0.0/24 10.0.0.2@eth0 metric 1024 protocol 12']);
    });

    test('hears nothing after close', async () => {
      kernel.close();
      machine.add(routeOf('10.9.0.0/24', 'blackhole'));
      await machine.settle();
      expect(picture.log.filter((line) => line.includes('10.9.0.0'))).toEqual([]);
    });
  });
}
