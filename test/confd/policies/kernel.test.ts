import { describe, expect, test } from 'vitest';
import { configuration, node, nodeAt, pool } from '../cluster-of.ts';
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
});
