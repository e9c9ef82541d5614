import { describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { configuration, derived, node, nodeAt, pool } from '../cluster-of.ts';
import { programmed } from './judge.ts';

const LEARNED = { source: 'bgp', localPref: 2_147_482_623, prefix: '10.1.5.0/26' } as const;

describe('the FIB', () => {
  test('gets a learned route with the metric that its LOCAL_PREF means', () => {
    expect(programmed([nodeAt(1)], LEARNED)).toMatchObject({ accepted: true, metric: 1024 });
    expect(programmed([nodeAt(1)], { ...LEARNED, localPref: 100 })).toMatchObject({
      metric: 2_147_483_547,
    });
    expect(programmed([nodeAt(1)], LEARNED, { compat: 'v3.31' }).metric).toBeUndefined();
  });

  test.each([
    ['Enabled', true, true],
    ['Disabled', false, false],
    ['EnabledIPIPOnly', true, false],
    ['EnabledNoEncapOnly', false, true],
    [undefined, false, true],
    ['Perhaps', false, true],
  ])('with programClusterRoutes %s: IPIP %s, no encapsulation %s', (policy, ipip, plain) => {
    const config = configuration({ programClusterRoutes: policy });
    const accepted = (ipipMode: string): boolean =>
      programmed([nodeAt(1), config, pool('p', { cidr: '10.1.0.0/16', ipipMode })], LEARNED)
        .accepted;
    expect(accepted('Always')).toBe(ipip);
    expect(accepted('CrossSubnet')).toBe(ipip);
    expect(accepted('Never')).toBe(plain);
  });

  test.each(['Always', 'CrossSubnet'])('never gets routes of a VXLAN pool (%s)', (vxlanMode) => {
    const config = configuration({ programClusterRoutes: 'Enabled' });
    const resources = [nodeAt(1), config, pool('p', { cidr: '10.1.0.0/16', vxlanMode })];
    expect(programmed(resources, LEARNED).accepted).toBe(false);
  });

  test('sends IPIP routes through the tunnel, in the own subnet only with Always', () => {
    const config = configuration({ programClusterRoutes: 'Enabled' });
    const tunnel = (ipipMode: string, nextHop: string): string | undefined => {
      const resources = [nodeAt(1), config, pool('p', { cidr: '10.1.0.0/16', ipipMode })];
      return programmed(resources, { ...LEARNED, nextHop }).tunnel;
    };
    expect(tunnel('Always', '10.0.0.2')).toBe('tunl0');
    expect(tunnel('CrossSubnet', '10.0.0.2')).toBeUndefined();
    expect(tunnel('CrossSubnet', '10.0.1.2')).toBe('tunl0');
    expect(tunnel('Never', '10.0.1.2')).toBeUndefined();
  });

  test('takes the pools in text order where they overlap', () => {
    const config = configuration({ programClusterRoutes: 'EnabledNoEncapOnly' });
    const wide = pool('a', { cidr: '10.0.0.0/8' });
    const narrow = pool('b', { cidr: '10.1.0.0/16', vxlanMode: 'Always' });
    expect(programmed([nodeAt(1), config, wide, narrow], LEARNED).accepted).toBe(true);
  });

  test('knows no IPv4 pools on a node without IPv4', () => {
    const six = node('n1', { ipv6Address: 'fd00::1/64' });
    const resources = [six, pool('p', { cidr: '10.1.0.0/16', vxlanMode: 'Always' })];
    expect(programmed(resources, LEARNED).accepted).toBe(true);
  });

  test('follows the default of the release', () => {
    const resources = [nodeAt(1), pool('p', { cidr: '10.1.0.0/16', ipipMode: 'Always' })];
    expect(programmed(resources, LEARNED, { compat: 'v3.32' }).accepted).toBe(true);
    expect(programmed(resources, LEARNED, { compat: 'v3.33' }).accepted).toBe(false);
  });

  test('followed two values of programClusterRoutes in v3.32, and none before', () => {
    const accepted = (policy: string, compat: 'v3.31' | 'v3.32'): boolean => {
      const config = configuration({ programClusterRoutes: policy });
      const resources = [nodeAt(1), config, pool('p', { cidr: '10.1.0.0/16', ipipMode: 'Always' })];
      return programmed(resources, LEARNED, { compat }).accepted;
    };
    expect(accepted('Disabled', 'v3.32')).toBe(false);
    expect(accepted('EnabledNoEncapOnly', 'v3.32')).toBe(true);
    expect(accepted('Disabled', 'v3.31')).toBe(true);
  });
});

describe('between nodes with WireGuard', () => {
  const secured = (last: number): Resource => ({
    ...nodeAt(last),
    spec: {
      bgp: { ipv4Address: `10.0.0.${last}/24`, ipv6Address: `fd00::${last}/64` },
      wireguard: { interfaceIPv4Address: `10.9.0.${last}`, interfaceIPv6Address: `fd09::${last}` },
    },
  });
  const six = { ...LEARNED, prefix: 'fd01::/122', nextHop: 'fd00::2' };
  const four = { ...LEARNED, nextHop: '10.0.0.2' };

  test('learned routes stay out of the FIB, in each family', () => {
    const resources = [secured(1), secured(2), nodeAt(3)];
    expect(programmed(resources, four).accepted).toBe(false);
    expect(programmed(resources, six).accepted).toBe(false);
    expect(programmed(resources, { ...four, nextHop: '10.0.0.3' }).accepted).toBe(true);
    expect(programmed(resources, { ...four, source: 'static' }).accepted).toBe(true);
  });

  test('it takes both ends', () => {
    expect(programmed([secured(1), nodeAt(2)], four).accepted).toBe(true);
    expect(programmed([nodeAt(1), secured(2)], four).accepted).toBe(true);
  });

  test('nothing was different before v3.33', () => {
    for (const compat of ['v3.31', 'v3.32'] as const)
      expect(programmed([secured(1), secured(2)], four, { compat }).accepted).toBe(true);
  });

  test('host-local IPAM gives the interface the second address of the podCIDR, in IPv4', () => {
    const coreNode = (last: number, annotations: Readonly<Record<string, string>>): Resource => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `n${last}`,
        labels: {},
        annotations: {
          'projectcalico.org/IPv4Address': `10.0.0.${last}/24`,
          'projectcalico.org/IPv6Address': `fd00::${last}/64`,
          ...annotations,
        },
      },
      spec: { podCIDRs: [`10.244.${last}.0/24`] },
    });
    const key = {
      'projectcalico.org/WireguardPublicKey': 'jlkVyQYooZYzI2wFfNhSZez5eWh44yfq1wKVjLvSXgY=',
    };
    const address = { 'projectcalico.org/IPv6WireguardInterfaceAddr': 'fd09::1' };
    const both = [coreNode(1, { ...key, ...address }), coreNode(2, { ...key, ...address })];
    expect(programmed(both, four, { usePodCidr: true }).accepted).toBe(false);
    expect(programmed(both, six, { usePodCidr: true }).accepted).toBe(true);
    expect(programmed(both, four).accepted).toBe(true);
    expect(programmed(both, six).accepted).toBe(false);
    const without = [coreNode(1, key), coreNode(2, {})];
    expect(programmed(without, four, { usePodCidr: true }).accepted).toBe(true);
  });

  test('provenance names the node', () => {
    const { provenance } = derived([secured(1), secured(2)]);
    expect(provenance.get('/policies/calico_kernel/1/match/nextHop/0')?.resource).toBe('Node//n2');
  });
});
