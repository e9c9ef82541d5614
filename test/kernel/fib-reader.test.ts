import { beforeEach, describe, expect, test } from 'vitest';
import { FibReader } from '../../src/kernel/fib-reader.ts';
import { judgeRoute, LEARN_VERDICTS } from '../../src/kernel/learn-verdict.ts';
import type { LearnedRoute } from '../../src/kernel/learned-route.ts';
import { formatPrefix } from '../../src/net/prefix.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { prefixOf, routeOf } from './support/routes.ts';

const CALICO = ['!cali*', '!kube-ipvs*', '*'];

let reader: FibReader;
let learned: Map<string, LearnedRoute>;
let log: string[];

beforeEach(() => {
  learned = new Map();
  log = [];
  const options = { table: 254, protocol: 12, interfaces: CALICO, probe: silentProbe };
  reader = new FibReader(options, {
    put: (key, route) => {
      learned.set(key, route);
      log.push(`+ ${key}`);
    },
    remove: (key) => {
      learned.delete(key);
      log.push(`- ${key}`);
    },
    synchronised: () => log.push('synchronised'),
  });
});

const link = (name: string, up: boolean, gone = false): void =>
  reader.link({ index: 1, name, up }, gone);

const address = (name: string, text: string, gone = false): void => {
  const [own = ''] = text.split('/');
  reader.address({ interface: name, address: own, prefix: prefixOf(text) }, gone);
};

describe('connected prefixes', () => {
  test('are learned while their link is up', () => {
    address('eth0', '10.0.0.1/24');
    expect([...learned.keys()]).toEqual([]);
    link('eth0', true);
    expect(learned.get('direct 10.0.0.0/24')).toMatchObject({
      source: 'direct',
      interface: 'eth0',
      metric: undefined,
    });
    link('eth0', false);
    expect([...learned.keys()]).toEqual([]);
    link('eth0', true);
    link('eth0', true, true);
    expect([...learned.keys()]).toEqual([]);
  });

  test.each([
    ['cali12ab', '10.0.0.1/24'],
    ['kube-ipvs0', '10.96.0.1/32'],
    ['lo', '127.0.0.1/8'],
    ['lo', '::1/128'],
    ['eth0', 'fe80::1/64'],
    ['eth0', '169.254.1.1/16'],
  ])('of %s %s are not learned', (name, text) => {
    link(name, true);
    address(name, text);
    expect([...learned.keys()]).toEqual([]);
  });

  test('of several addresses are learned once, until the last is gone', () => {
    link('eth0', true);
    link('eth1', true);
    address('eth1', '10.0.0.2/24');
    address('eth0', '10.0.0.1/24');
    address('eth0', '10.0.0.3/24');
    expect(learned.get('direct 10.0.0.0/24')?.interface).toBe('eth0');
    address('eth0', '10.0.0.1/24', true);
    expect(learned.get('direct 10.0.0.0/24')?.interface).toBe('eth0');
    address('eth0', '10.0.0.3/24', true);
    expect(learned.get('direct 10.0.0.0/24')?.interface).toBe('eth1');
    address('eth1', '10.0.0.2/24', true);
    expect([...learned.keys()]).toEqual([]);
    expect(log.filter((line) => line.startsWith('-'))).toHaveLength(1);
  });

  test('follow new interface patterns, of which the first match decides', () => {
    link('eth0', true);
    link('eth1', true);
    address('eth0', '10.0.0.1/24');
    address('eth1', '10.0.1.1/24');
    reader.setInterfaces(['eth1', '!eth*', '*']);
    expect([...learned.keys()]).toEqual(['direct 10.0.1.0/24']);
    reader.setInterfaces([]);
    expect([...learned.keys()]).toEqual([]);
  });
});

describe('foreign routes', () => {
  test('are learned with metric, interface and gateway', () => {
    reader.route(routeOf('10.9.0.0/24', '10.0.0.7@eth0', { protocol: 80, metric: 5 }), false);
    expect(learned.get('kernel 10.9.0.0/24')).toMatchObject({
      source: 'kernel',
      type: 'unicast',
      metric: 5,
      interface: 'eth0',
      gateway: '10.0.0.7',
    });
  });

  test.each([
    ['10.0.0.7@eth0 10.0.0.8@eth0', ''],
    ['blackhole', ''],
    ['unreachable', ''],
    ['@cali12', 'cali12'],
  ])('by %s have the interface %j', (ways, name) => {
    reader.route(routeOf('10.9.0.0/24', ways, { protocol: 80 }), false);
    expect(learned.get('kernel 10.9.0.0/24')?.interface).toBe(name);
  });

  test('of one prefix are represented by the lowest metric', () => {
    const route = (metric: number, protocol = 80) =>
      routeOf('10.9.0.0/24', 'blackhole', { metric, protocol });
    reader.route(route(20), false);
    reader.route(route(30), false);
    reader.route(route(10, 3), false);
    expect(learned.get('kernel 10.9.0.0/24')?.metric).toBe(10);
    reader.route(route(10, 3), true);
    expect(learned.get('kernel 10.9.0.0/24')?.metric).toBe(20);
    reader.route(route(20), true);
    reader.route(route(30), true);
    expect([...learned.keys()]).toEqual([]);
    expect(log).toHaveLength(5);
  });

  test.each([
    ['own', routeOf('10.9.0.0/24', 'blackhole', { protocol: 12 })],
    ['other-table', routeOf('10.9.0.0/24', 'blackhole', { protocol: 3, table: 100 })],
    ['kernel-protocol', routeOf('10.9.0.0/24', '@eth0', { protocol: 2 })],
    ['kernel-protocol', routeOf('10.9.0.0/24', '@eth0', { protocol: 0 })],
    ['redirect', routeOf('10.9.0.0/24', '10.0.0.1@eth0', { protocol: 1 })],
    ['not-global', routeOf('127.1.0.0/16', 'blackhole', { protocol: 3 })],
    ['not-global', routeOf('169.254.0.0/16', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('224.0.0.0/4', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('255.255.255.255/32', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('0.0.0.0/8', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('fe80::/64', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('ff00::/8', '@eth0', { protocol: 3 })],
    ['not-global', routeOf('::1/128', '@lo', { protocol: 3 })],
    ['strange-multipath', routeOf('10.9.0.0/24', 'fe80::1@eth0 fe80::2@eth0', { protocol: 3 })],
    ['learned', routeOf('0.0.0.0/0', '10.0.0.1@eth0', { protocol: 3 })],
    ['learned', routeOf('::/0', 'fe80::1@eth0', { protocol: 3 })],
    ['learned', routeOf('fd00::/8', 'blackhole', { protocol: 3 })],
  ])('are judged as %s', (verdict, route) => {
    const code = judgeRoute(route, { table: 254, protocol: 12 });
    expect(LEARN_VERDICTS[code]?.name).toBe(verdict);
    reader.route(route, false);
    const key = `kernel ${formatPrefix(route.prefix)}`;
    expect(learned.has(key)).toBe(verdict === 'learned');
  });
});

test('tells that everything has been put', () => {
  reader.synchronised();
  expect(log).toEqual(['synchronised']);
});
