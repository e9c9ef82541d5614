import { describe, expect, test } from 'vitest';
import { block, configuration, node, nodeAt, pool } from '../cluster-of.ts';
import { announced } from './judge.ts';

const POOL = pool('p', { cidr: '10.1.0.0/16' });
const DUAL = node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' });

describe('own blocks', () => {
  const resources = [DUAL, POOL, block('n1', '10.1.0.0/26'), block('n2', '10.1.1.0/26')];

  test('are announced whole, what is beneath is not', () => {
    expect(announced(resources, {}).accepted).toBe(true);
    const pod = { prefix: '10.1.0.7/32', source: 'kernel', interface: 'cali1' } as const;
    expect(announced(resources, pod).accepted).toBe(false);
  });

  test('let a borrowed address of another block out', () => {
    const pod = { prefix: '10.1.1.7/32', source: 'kernel', interface: 'cali1' } as const;
    expect(announced(resources, pod).accepted).toBe(true);
  });

  test('let a pod out whose route is of raised priority, with that priority', () => {
    const pod = {
      prefix: '10.1.0.7/32',
      source: 'kernel',
      interface: 'cali1',
      metric: 512,
    } as const;
    expect(announced(resources, pod)).toMatchObject({ accepted: true, localPref: 2_147_483_135 });
    expect(announced(resources, pod, 'ibgp', { compat: 'v3.31' }).accepted).toBe(false);
  });

  test('do not take a kernel route without metric for an urgent one', () => {
    const pod = { prefix: '10.1.0.7/32', source: 'kernel', interface: 'cali1', metric: 0 } as const;
    expect(announced(resources, pod).accepted).toBe(false);
    expect(announced(resources, { ...pod, prefix: '10.1.1.7/32' })).toMatchObject({
      accepted: true,
      localPref: 2_147_482_623,
    });
  });

  test('that are going away let single routes out until they are gone', () => {
    const going = [DUAL, POOL, block('n1', '10.1.0.0/26', 'pendingDeletion')];
    expect(announced(going, {}).accepted).toBe(true);
    expect(announced(going, { prefix: '10.1.0.7/32', source: 'kernel' }).accepted).toBe(true);
  });

  test('of IPv6 are treated alike', () => {
    const six = [DUAL, pool('p', { cidr: 'fd01::/48' }), block('n1', 'fd01::/122')];
    expect(announced(six, { prefix: 'fd01::/122' }).accepted).toBe(true);
    expect(announced(six, { prefix: 'fd01::7/128', source: 'kernel' }).accepted).toBe(false);
  });
});

describe('pools', () => {
  test('with disableBGPExport keep everything in, whatever the block says', () => {
    for (const ipipMode of ['Never', 'Always'] as const) {
      const hidden = pool('p', { cidr: '10.1.0.0/16', disableBGPExport: true, ipipMode });
      expect(announced([DUAL, hidden, block('n1', '10.1.0.0/26')], {}).accepted).toBe(false);
    }
  });

  test('of one CIDR count once, the first by name', () => {
    const hidden = pool('a', { cidr: '10.1.0.0/16', disableBGPExport: true });
    expect(announced([DUAL, POOL, hidden], {}).accepted).toBe(false);
  });

  test('announce what a peer sent, so that eBGP routers learn the cluster', () => {
    const learned = { source: 'bgp', localPref: 100 } as const;
    expect(announced([DUAL, POOL], learned, 'ebgp').accepted).toBe(true);
    expect(announced([DUAL, POOL], { ...learned, prefix: '10.9.0.0/26' }).accepted).toBe(false);
  });
});

describe('interfaces', () => {
  const route = { prefix: '10.1.2.0/26', source: 'kernel' } as const;

  test.each([
    ['vxlan.calico', 'ibgp', false],
    ['wireguard.cali', 'ibgp', false],
    ['tunl0', 'ibgp', false],
    ['tunl0', 'ebgp', true],
    ['vxlan.calico', 'ebgp', true],
    ['bpfin.cali', 'ebgp', false],
    ['eth0', 'ibgp', true],
  ] as const)('a route by %s is announced to %s: %s', (name, kind, accepted) => {
    expect(announced([DUAL, POOL], { ...route, interface: name }, kind).accepted).toBe(accepted);
  });

  test('tunl0 is announced before v3.33, whoever programs IPIP', () => {
    const resources = [DUAL, POOL, configuration({ programClusterRoutes: 'Disabled' })];
    const tunnelled = { ...route, interface: 'tunl0' };
    const environment = { compat: 'v3.32' } as const;
    expect(announced(resources, tunnelled, 'ibgp', environment).accepted).toBe(true);
    expect(announced(resources, tunnelled).accepted).toBe(false);
  });

  test('tunl0 is announced when Felix does not program IPIP', () => {
    const resources = [DUAL, POOL, configuration({ programClusterRoutes: 'Enabled' })];
    expect(announced(resources, { ...route, interface: 'tunl0' }).accepted).toBe(true);
  });
});

describe('communities', () => {
  const advertise = (more: object): object => ({
    prefixAdvertisements: [
      { cidr: '10.1.0.0/16', communities: ['named', 'unknown', '64512:9:9', '64512:1'] },
    ],
    ...more,
  });
  const named = advertise({ communities: [{ name: 'named', value: '64512:77' }] });

  test('are added by name and by value, unknown names drop out', () => {
    const resources = [DUAL, POOL, configuration({ ...named })];
    expect(announced(resources, {}).communities).toEqual(['64512:1', '64512:77', '64512:9:9']);
  });

  test("come from the node's own object, for both families, when it has the field", () => {
    const global = configuration({ ...named });
    const own = (spec: object): readonly string[] =>
      announced([DUAL, POOL, global, configuration({ ...spec }, 'node.n1')], {}).communities;
    expect(own({})).toHaveLength(3);
    expect(own({ prefixAdvertisements: [] })).toEqual([]);
    const six = { prefixAdvertisements: [{ cidr: 'fd01::/48', communities: ['1:2'] }] };
    expect(own(six)).toEqual([]);
  });
});

test('a changed normal priority moves the LOCAL_PREF of ordinary routes', () => {
  const resources = [nodeAt(1), POOL, configuration({ ipv4NormalRoutePriority: 5000 })];
  expect(announced(resources, {})).toMatchObject({ localPref: 2_147_478_647 });
  expect(announced(resources, { source: 'bgp', localPref: 100 })).toMatchObject({ localPref: 100 });
});

test.each(['v3.32', 'v3.33'] as const)('%s leaves the LOCAL_PREF of a learned route', (compat) => {
  const urgent = { source: 'bgp', localPref: 2_147_483_135 } as const;
  for (const kind of ['ibgp', 'ebgp'] as const)
    expect(announced([nodeAt(1), POOL], urgent, kind, { compat })).toMatchObject({
      accepted: true,
      localPref: 2_147_483_135,
    });
});
