import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/confd/types.ts';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { configuration, derived, nodeAt, service, slice } from '../cluster-of.ts';

const RANGES = configuration({
  serviceClusterIPs: [{ cidr: '10.96.0.0/12' }],
  serviceExternalIPs: [{ cidr: '198.18.0.0/24' }, { cidr: '198.18.9.9/32' }],
  serviceLoadBalancerIPs: [{ cidr: '203.0.113.0/24' }, { cidr: '203.0.114.9/32' }],
});

const UNAGGREGATED = configuration({
  serviceLoadBalancerIPs: [{ cidr: '203.0.113.0/24' }],
  serviceLoadBalancerAggregation: 'Disabled',
});

/** The routes of single addresses that a node originates. */
const routes = (
  resources: readonly Resource[],
  ranges: Resource = RANGES,
  environment: Environment = {},
): readonly string[] =>
  derived([nodeAt(1), ranges, ...resources], 'n1', environment)
    .config.networks.map(({ prefix }) => prefix)
    .filter((prefix) => /\/(32|128)$/.test(prefix));

const LOCAL = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', clusterIP: '10.96.0.7' };
const CLUSTER = { ...LOCAL, externalTrafficPolicy: 'Cluster' };
const HERE = slice('s-1', 's', ['n1']);
const THERE = slice('s-2', 's', ['n2']);

describe('a Service with policy Local', () => {
  test('is announced where it has an endpoint', () => {
    expect(routes([service('s', LOCAL), HERE])).toEqual(['10.96.0.7/32']);
    expect(routes([service('s', LOCAL), THERE])).toEqual([]);
    expect(routes([service('s', LOCAL), THERE, HERE])).toEqual(['10.96.0.7/32']);
  });

  test('is not announced elsewhere for an address that the lists name', () => {
    const spec = { ...LOCAL, externalIPs: ['198.18.9.9'] };
    expect(routes([service('s', spec, ['203.0.114.9']), THERE])).toEqual([]);
    const { externalTrafficPolicy, ...plain } = spec;
    expect(routes([service('s', plain), THERE])).toEqual([]);
  });

  test('is announced with the external and load-balancer addresses of the lists', () => {
    const spec = { ...LOCAL, externalIPs: ['198.18.0.7', '192.0.2.7', 'nonsense'] };
    const resources = [service('s', spec, ['203.0.113.7', '192.0.2.8']), HERE];
    expect(routes(resources)).toEqual(['10.96.0.7/32', '198.18.0.7/32', '203.0.113.7/32']);
  });

  test('is announced with all its cluster addresses, whatever family its endpoints have', () => {
    const spec = { ...LOCAL, clusterIPs: ['10.96.0.7', 'FD00:0::7'] };
    expect(routes([service('s', spec), HERE])).toEqual(['10.96.0.7/32', 'fd00::7/128']);
    const outside = { ...LOCAL, clusterIP: '192.0.2.1' };
    expect(routes([service('s', outside), HERE])).toEqual(['192.0.2.1/32']);
  });

  test('has no cluster addresses to announce without a list of them', () => {
    const spec = { ...LOCAL, externalIPs: ['198.18.0.7'] };
    const external = configuration({ serviceExternalIPs: [{ cidr: '198.18.0.0/24' }] });
    expect(routes([service('s', spec), HERE], external)).toEqual(['198.18.0.7/32']);
  });

  test.each([
    ['NodePort', true],
    ['ClusterIP', true],
    ['ExternalName', false],
  ])('of type %s: %s', (type, wanted) => {
    expect(routes([service('s', { ...LOCAL, type }), HERE])).toHaveLength(wanted ? 1 : 0);
  });

  test.each([{ clusterIP: 'None' }, { clusterIP: undefined }, { clusterIPs: ['None'] }])(
    'that is headless is not announced (%j)',
    (ip) => {
      expect(routes([service('s', { ...LOCAL, clusterIP: '', ...ip }), HERE])).toEqual([]);
    },
  );

  test('counts ready endpoints, and those of which nothing is known', () => {
    const with_ = (ready: boolean | undefined): Resource => slice('s-1', 's', ['n1'], { ready });
    expect(routes([service('s', LOCAL), with_(true)])).toHaveLength(1);
    expect(routes([service('s', LOCAL), with_(undefined)])).toHaveLength(1);
    expect(routes([service('s', LOCAL), with_(false)])).toHaveLength(0);
  });

  test('counted every endpoint before v3.33', () => {
    const unready = slice('s-1', 's', ['n1'], { ready: false });
    for (const compat of ['v3.31', 'v3.32'] as const)
      expect(routes([service('s', LOCAL), unready], RANGES, { compat })).toHaveLength(1);
  });

  test('counts endpoints of its own families only', () => {
    const six = slice('s-1', 's', ['n1'], { addressType: 'IPv6' });
    const names = slice('s-1', 's', ['n1'], { addressType: 'FQDN' });
    expect(routes([service('s', LOCAL), six])).toEqual([]);
    expect(routes([service('s', LOCAL), names])).toEqual([]);
    const dual = { ...LOCAL, ipFamilies: ['IPv4', 'IPv6'] };
    expect(routes([service('s', dual), six])).toEqual(['10.96.0.7/32']);
  });

  test('knows the node by CALICO_K8S_NODE_REF', () => {
    const resources = [service('s', LOCAL), slice('s-1', 's', ['worker-1.example'])];
    expect(routes(resources)).toEqual([]);
    expect(routes(resources, RANGES, { kubernetesNodeName: 'worker-1.example' })).toHaveLength(1);
    expect(routes([service('s', LOCAL), HERE], RANGES, { kubernetesNodeName: '' })).toHaveLength(1);
  });

  test('is told from one of the same name in another namespace', () => {
    const elsewhere = { ...HERE, metadata: { ...HERE.metadata, namespace: 'other' } };
    expect(routes([service('s', LOCAL), elsewhere])).toEqual([]);
  });
});

describe('a Service with policy Cluster', () => {
  test('is covered by the ranges', () => {
    expect(routes([service('s', CLUSTER, ['203.0.113.7']), HERE])).toEqual([]);
    const { externalTrafficPolicy, ...plain } = CLUSTER;
    expect(routes([service('s', plain), HERE])).toEqual([]);
  });

  test.each([
    ['an external address', { externalIPs: ['198.18.9.9'] }, [], '198.18.9.9/32'],
    ['the address of its load balancer', {}, ['203.0.114.9'], '203.0.114.9/32'],
  ])('is announced by every node where the lists name %s', (_what, more, ingress, route) => {
    const spec = { ...CLUSTER, ...more };
    expect(routes([service('s', spec, ingress), THERE])).toEqual(['10.96.0.7/32', route]);
    expect(routes([service('s', spec, ingress), slice('s-3', 's', [])])).toHaveLength(2);
    expect(routes([service('s', spec, ingress)])).toEqual([]);
  });

  test('is announced where the lists name the load-balancer address that it asks for', () => {
    const spec = { ...CLUSTER, loadBalancerIP: '203.0.114.9' };
    expect(routes([service('s', spec), THERE])).toEqual(['10.96.0.7/32']);
    expect(routes([service('s', { ...spec, type: 'NodePort' }), THERE])).toEqual([]);
  });

  test('is announced by every node once load-balancer addresses are not aggregated', () => {
    const balanced = service('s', CLUSTER, ['203.0.113.7']);
    expect(routes([balanced, THERE], UNAGGREGATED)).toEqual(['203.0.113.7/32']);
    const unready = slice('s-2', 's', ['n2'], { ready: false });
    expect(routes([balanced, unready], UNAGGREGATED)).toEqual([]);
    expect(routes([balanced, slice('s-2', 's', [])], UNAGGREGATED)).toEqual([]);
  });
});

test('a route of a Service is no blackhole in the FIB, also where no range covers it', () => {
  const single = configuration({ serviceExternalIPs: [{ cidr: '198.18.9.9/32' }] });
  const spec = { ...CLUSTER, externalIPs: ['198.18.9.9'] };
  const { networks } = derived([nodeAt(1), single, service('s', spec), THERE]).config;
  expect(networks).toEqual([
    { prefix: '198.18.9.9/32', via: undefined, kernel: 'none', announce: true },
  ]);
});

test('a Service without EndpointSlices is not announced, whatever it was before', () => {
  const spec = { ...CLUSTER, externalIPs: ['198.18.9.9'] };
  expect(routes([service('s', spec), THERE])).toContain('198.18.9.9/32');
  expect(routes([service('s', spec)])).toEqual([]);
});

test('a Service written without families has those of its addresses', () => {
  const six = slice('s-1', 's', ['n1'], { addressType: 'IPv6' });
  expect(routes([service('s', { ...LOCAL, clusterIP: 'fd00::7' }), six])).toEqual(['fd00::7/128']);
  expect(routes([service('s', { ...LOCAL, clusterIP: 'fd00::7' }), HERE])).toEqual([]);
});

test('a Service that is not valid is absent and named, the others are announced', () => {
  const bad = service('bad', { ...LOCAL, clusterIP: '10.96.0.300' });
  const { config, problems } = derived([
    nodeAt(1),
    RANGES,
    bad,
    service('s', LOCAL),
    HERE,
    slice('b-1', 'bad', ['n1']),
  ]);
  expect(config.networks.map(({ prefix }) => prefix)).toContain('10.96.0.7/32');
  expect(problems).toMatchObject([
    { where: 'Service default/bad, spec.clusterIP', severity: 'error' },
  ]);
});
