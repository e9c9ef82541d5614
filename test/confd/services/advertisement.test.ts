import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/confd/types.ts';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { configuration, derived, node, service, slice } from '../cluster-of.ts';
import { announced, programmed } from '../policies/judge.ts';

const RR = { routeReflectorClusterID: '244.0.0.1' };
const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';

const own = (bgp: object = {}, labels: Readonly<Record<string, string>> = {}): Resource =>
  node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64', ...bgp }, labels);

const lists = (
  cluster: readonly string[] = [],
  external: readonly string[] = [],
  loadBalancer: readonly string[] = [],
  more: object = {},
): Resource => {
  const entries = (cidrs: readonly string[]): readonly object[] => cidrs.map((cidr) => ({ cidr }));
  return configuration({
    serviceClusterIPs: entries(cluster),
    serviceExternalIPs: entries(external),
    serviceLoadBalancerIPs: entries(loadBalancer),
    ...more,
  });
};

const prefixes = (
  resources: readonly Resource[],
  environment: Environment = {},
): readonly string[] =>
  derived(resources, 'n1', environment).config.networks.map(({ prefix }) => prefix);

const LOCAL = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
const CLUSTER = { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' };

describe('ranges of Services', () => {
  const RANGES = lists(['10.96.0.0/12', '10.97.1.1/32'], ['198.18.0.0/24', '198.18.9.9/32']);
  const BALANCED = lists([], [], ['203.0.113.0/24', '203.0.113.9/32', 'fd00:7::/64']);

  test('are originated, single external addresses apart', () => {
    expect(prefixes([own(), RANGES])).toEqual(['10.96.0.0/12', '10.97.1.1/32', '198.18.0.0/24']);
    expect(prefixes([own(), BALANCED])).toEqual(['203.0.113.0/24', 'fd00:7::/64']);
  });

  test('of load balancers are not, once aggregation is disabled', () => {
    const single = lists(['10.96.0.0/12'], [], ['203.0.113.0/24'], {
      serviceLoadBalancerAggregation: 'Disabled',
    });
    expect(prefixes([own(), single])).toEqual(['10.96.0.0/12']);
    const learned = { source: 'bgp', prefix: '203.0.113.7/32' } as const;
    expect(programmed([own(), single], learned).accepted).toBe(true);
  });

  test('are announced with what lies within, in their family', () => {
    for (const [prefix, accepted] of [
      ['10.96.0.0/12', true],
      ['10.96.0.7/32', true],
      ['198.18.0.0/25', true],
      ['198.18.9.9/32', false],
      ['10.0.0.0/8', false],
    ] as const)
      expect([prefix, announced([own(), RANGES], { prefix }).accepted]).toEqual([prefix, accepted]);
    const six = { prefix: 'fd00:7::9/128' } as const;
    expect(announced([own(), BALANCED], six).accepted).toBe(true);
  });

  test('never come into the FIB, own or learned', () => {
    for (const source of ['static', 'bgp'] as const) {
      const to = (prefix: string): boolean =>
        programmed([own(), RANGES], { source, prefix }).accepted;
      expect([to('10.96.0.0/12'), to('10.97.1.1/32'), to('198.18.0.7/32')]).toEqual([
        false,
        false,
        false,
      ]);
      expect(to('192.0.2.0/24')).toBe(true);
    }
    for (const { kernel } of derived([own(), RANGES]).config.networks) expect(kernel).toBe('none');
  });

  test('are replaced by CALICO_ADVERTISE_CLUSTER_IPS', () => {
    const environment = { advertiseClusterIps: '172.20.0.5/16' };
    expect(prefixes([own(), RANGES], environment)).toEqual(['172.20.0.0/16', '198.18.0.0/24']);
    expect(prefixes([own()], environment)).toEqual(['172.20.0.0/16']);
  });

  test('stay where CALICO_ADVERTISE_CLUSTER_IPS is no CIDR, and that is told', () => {
    const environment = { advertiseClusterIps: '10.96.0.0/12,fd00::/108' };
    expect(prefixes([own(), RANGES], environment)).toContain('10.96.0.0/12');
    expect(derived([own()], 'n1', environment).problems).toMatchObject([
      { code: 'wrong-value', where: 'CALICO_ADVERTISE_CLUSTER_IPS' },
    ]);
    expect(derived([own()], 'n1', { advertiseClusterIps: '' }).problems).toEqual([]);
  });

  test('that are no CIDRs make the BGPConfiguration absent', () => {
    const { config, problems } = derived([own(), lists(['10.96.0.0'])]);
    expect(config.networks).toEqual([]);
    expect(problems).toMatchObject([
      { where: 'BGPConfiguration default, spec.serviceClusterIPs[0].cidr' },
    ]);
  });

  test('are not originated by an excluded node, which keeps them out of its FIB all the same', () => {
    const excluded = own({}, { [EXCLUDE]: 'true' });
    expect(prefixes([excluded, RANGES])).toEqual([]);
    expect(announced([excluded, RANGES], { prefix: '10.96.0.7/32' }).accepted).toBe(false);
    const learned = { source: 'bgp', prefix: '10.96.0.7/32' } as const;
    expect(programmed([excluded, RANGES], learned).accepted).toBe(false);
    expect(prefixes([own({}, { [EXCLUDE]: 'True' }), RANGES])).toHaveLength(3);
  });
});

describe('a reflector', () => {
  const RANGES = lists(['10.96.0.0/12'], ['198.18.9.9/32'], ['203.0.113.0/24']);
  const excluded = own(RR, { [EXCLUDE]: 'true' });

  test('passes on external and load-balancer addresses of other nodes, also when excluded', () => {
    const passes = (prefix: string, environment: Environment = {}): boolean =>
      announced([excluded, RANGES], { source: 'bgp', prefix }, 'ibgp', environment).accepted;
    expect(passes('203.0.113.7/32')).toBe(true);
    expect(passes('198.18.9.9/32')).toBe(true);
    expect(passes('10.96.0.7/32')).toBe(false);
    expect(passes('198.18.9.9/32', { compat: 'v3.32' })).toBe(false);
    expect(passes('203.0.113.7/32', { compat: 'v3.32' })).toBe(true);
  });

  test('is what makes a node do so', () => {
    const plain = own({}, { [EXCLUDE]: 'true' });
    const route = { source: 'bgp', prefix: '203.0.113.7/32' } as const;
    expect(announced([plain, RANGES], route).accepted).toBe(false);
  });

  test('does so without aggregation as well', () => {
    const single = lists([], [], ['203.0.113.0/24'], {
      serviceLoadBalancerAggregation: 'Disabled',
    });
    const route = { source: 'bgp', prefix: '203.0.113.7/32' } as const;
    expect(announced([own(RR), single], route).accepted).toBe(true);
  });
});

describe('what the agent must watch', () => {
  test.each([
    [lists(['10.96.0.0/12']), true],
    [lists([], ['198.18.9.9/32']), true],
    [lists([], [], ['203.0.113.0/24']), true],
    [lists(), false],
    [configuration({}), false],
  ])('is Services and their endpoints where a list names addresses (%#)', (lists_, wanted) => {
    const kinds = derived([own(), lists_]).needs.map(({ kind }) => kind);
    expect(kinds).toEqual(wanted ? ['EndpointSlice', 'Service'] : []);
  });

  test('is none of them on an excluded node', () => {
    const excluded = own({}, { [EXCLUDE]: 'true' });
    expect(derived([excluded, lists(['10.96.0.0/12'])]).needs).toEqual([]);
  });
});

describe('routes of Services', () => {
  test('come and go with the last Service that has them', () => {
    const both = lists([], ['198.18.0.0/16']);
    const spec = { ...LOCAL, clusterIP: '10.96.0.1', externalIPs: ['198.18.0.7'] };
    const one = [service('a', spec), slice('a1', 'a', ['n1'])];
    const other = [service('b', spec), slice('b1', 'b', ['n1'])];
    const host = ['198.18.0.0/16', '198.18.0.7/32'];
    expect(prefixes([own(), both, ...one, ...other])).toEqual(host);
    expect(prefixes([own(), both, ...one])).toEqual(host);
    expect(prefixes([own(), both])).toEqual(['198.18.0.0/16']);
  });

  test('keep a range that a Service has as well', () => {
    const resources = [
      own(),
      lists(['10.96.0.7/32']),
      service('a', { ...CLUSTER, clusterIP: '10.96.0.7' }),
      slice('a1', 'a', ['n1']),
    ];
    expect(prefixes(resources)).toEqual(['10.96.0.7/32']);
  });

  test('inside a range add nothing to the rule that announces it', () => {
    const resources = [
      own(),
      lists(['10.96.0.0/12']),
      service('a', { ...LOCAL, clusterIP: '10.96.0.7' }),
      slice('a1', 'a', ['n1']),
      service('b', { ...LOCAL, clusterIP: '192.0.2.7' }),
      slice('b1', 'b', ['n1']),
    ];
    const rules = derived(resources).config.policies['calico_export_v4'] ?? [];
    expect(rules.at(-1)?.match.prefix).toMatchObject([
      { in: '10.96.0.0/12' },
      { in: '192.0.2.7/32' },
    ]);
    for (const prefix of ['10.96.0.7/32', '192.0.2.7/32'])
      expect(announced(resources, { prefix }).accepted).toBe(true);
  });

  test('name the Service in their provenance', () => {
    const resources = [
      own(),
      lists(['10.96.0.0/12']),
      service('a', { ...LOCAL, clusterIP: '10.96.0.7' }),
      slice('a1', 'a', ['n1']),
    ];
    const { provenance } = derived(resources);
    expect(provenance.get('/networks/1')?.resource).toBe('Service/default/a');
    expect(provenance.get('/networks/0')?.field).toBe('spec.serviceClusterIPs');
  });
});
