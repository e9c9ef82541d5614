import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { PROBLEMS } from '../../../src/datastore/problem.ts';
import { readResource } from '../../../src/datastore/resources/read.ts';
import { calico } from '../objects.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

const KINDS: readonly (readonly [string, string])[] = [
  ['projectcalico.org/v3', 'Node'],
  ['v1', 'Node'],
  ['crd.projectcalico.org/v1', 'IPPool'],
  ['projectcalico.org/v3', 'BGPConfiguration'],
  ['projectcalico.org/v3', 'BGPPeer'],
  ['projectcalico.org/v3', 'BGPFilter'],
  ['projectcalico.org/v3', 'BlockAffinity'],
  ['projectcalico.org/v3', 'CalicoNodeStatus'],
  ['v1', 'Secret'],
  ['v1', 'Service'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
  ['bengal/v1', 'WorkloadEndpointStatus'],
];

describe('Node', () => {
  test('of Calico keeps address and network apart, in canonical form', () => {
    const spec = {
      bgp: { asNumber: 64_513, ipv4Address: '10.0.0.7/24', ipv6Address: 'FD00:0::7/64' },
    };
    const { view, problems } = readResource(calico('Node', 'w1', spec, { rack: '1' }));
    expect(problems).toEqual([]);
    expect(view).toMatchObject({
      asn: 64_513,
      addresses: {
        'ipv4-unicast': { address: '10.0.0.7', network: '10.0.0.0/24' },
        'ipv6-unicast': { address: 'fd00::7', network: 'fd00::/64' },
      },
      clusterId: undefined,
      labels: new Map([['rack', '1']]),
    });
  });

  test('with a bare address has a network of one address', () => {
    const { view } = readResource(calico('Node', 'w1', { bgp: { ipv4Address: '10.0.0.7' } }));
    expect(view).toMatchObject({
      addresses: { 'ipv4-unicast': { address: '10.0.0.7', network: '10.0.0.7/32' } },
    });
  });

  test('of Kubernetes is read from annotations, a bad one counts as absent', () => {
    const node: Resource = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'w1',
        labels: { rack: 'k8s' },
        annotations: {
          'projectcalico.org/IPv4Address': '10.0.0.7/24',
          'projectcalico.org/IPv6Address': 'not one',
          'projectcalico.org/ASNumber': '1.10',
          'projectcalico.org/labels': '{"rack":"calico","zone":"a"}',
        },
      },
      spec: { podCIDR: '10.244.0.0/24' },
    };
    const { view, problems } = readResource(node);
    expect(view).toMatchObject({
      asn: 65_546,
      addresses: { 'ipv4-unicast': { address: '10.0.0.7' }, 'ipv6-unicast': undefined },
      labels: new Map([
        ['rack', 'k8s'],
        ['zone', 'a'],
      ]),
    });
    expect(problems).toMatchObject([
      {
        severity: 'warning',
        where: 'Node w1, metadata.annotations[projectcalico.org/IPv6Address]',
      },
    ]);
  });

  test('with an address of the wrong family counts as absent', () => {
    const { view, problems } = readResource(
      calico('Node', 'w', { bgp: { ipv4Address: 'fd00::1' } }),
    );
    expect(view).toBeUndefined();
    expect(problems[0]).toMatchObject({ where: 'Node w, spec.bgp.ipv4Address' });
  });
});

describe('IPPool', () => {
  test('has a masked CIDR and its encapsulation', () => {
    const spec = { cidr: '10.0.0.5/16', ipipMode: 'CrossSubnet', blockSize: 26 };
    expect(readResource(calico('IPPool', 'p', spec)).view).toMatchObject({
      cidr: '10.0.0.0/16',
      ipip: 'cross-subnet',
      vxlan: 'never',
      disableBGPExport: false,
    });
  });

  test.each([[{}], [{ cidr: '10.0.0.0' }], [{ cidr: '10.0.0.0/16', ipipMode: 'Sometimes' }]])(
    'is absent with %j',
    (spec) => {
      const { view, problems } = readResource(calico('IPPool', 'p', spec));
      expect(view).toBeUndefined();
      expect(problems).toHaveLength(1);
    },
  );
});

describe('BlockAffinity', () => {
  const block = (more: object): ReturnType<typeof readResource> =>
    readResource(calico('BlockAffinity', 'b', { node: 'w1', cidr: '10.1.0.0/26', ...more }));

  test('without state is confirmed', () => {
    expect(block({}).view).toMatchObject({ state: 'confirmed', cidr: '10.1.0.0/26', node: 'w1' });
  });

  test.each([['true'], [true]])('marked deleted (%j) is absent without a problem', (deleted) => {
    expect(block({ deleted })).toMatchObject({ view: undefined, problems: [] });
  });
});

describe('CalicoNodeStatus', () => {
  const read = (spec: object) => readResource(calico('CalicoNodeStatus', 's', { ...spec }));

  test('asks for classes of a node, once or every so often', () => {
    const spec = { node: 'one', classes: ['BGP', 'Agent', 'BGP'] };
    expect(read(spec).view).toMatchObject({ node: 'one', classes: ['BGP', 'Agent'], period: 0 });
    expect(read({ ...spec, updatePeriodSeconds: 86_400 }).view).toMatchObject({ period: 86_400 });
  });

  test.each([
    [{ classes: ['BGP'] }, 'spec.node'],
    [{ node: 'one' }, 'spec.classes'],
    [{ node: 'one', classes: ['Felix'] }, 'spec.classes[0]'],
    [{ node: 'one', classes: ['BGP'], updatePeriodSeconds: -1 }, 'spec.updatePeriodSeconds'],
  ])('of %j counts as absent', (spec, field) => {
    const { view, problems } = read(spec);
    expect(view).toBeUndefined();
    expect(problems[0]?.where).toBe(`CalicoNodeStatus s, ${field}`);
  });
});

describe('BGPConfiguration', () => {
  const configuration = (spec: object, name = 'default'): ReturnType<typeof readResource> =>
    readResource(calico('BGPConfiguration', name, { ...spec }));

  test('with a community whose parts do not fit is absent', () => {
    const spec = { communities: [{ name: 'a', value: '65536:1' }], prefixAdvertisements: [{}] };
    expect(configuration(spec).view).toBeUndefined();
  });

  test('under another name is ignored with a warning', () => {
    const { view, problems } = configuration({ asNumber: 1 }, 'mine');
    expect(view).toBeUndefined();
    expect(problems[0]).toMatchObject({ code: 'ignored-name', severity: 'warning' });
  });

  test('tells an empty list of advertisements from none', () => {
    expect(configuration({}).view).toMatchObject({ prefixAdvertisements: undefined });
    expect(configuration({ prefixAdvertisements: [] }).view).toMatchObject({
      prefixAdvertisements: [],
    });
  });

  test.each([
    [{}],
    [{ listenPort: 0, asNumber: '1.10', logSeverityScreen: 'DEBUG' }],
    [{ nodeMeshPassword: { secretKeyRef: { name: 'a', key: 'b' } }, nodeMeshMaxRestartTime: '0s' }],
    [{ serviceClusterIPs: [{ cidr: '10.96.0.0/12' }, {}, { cidr: '' }] }],
    [{ prefixAdvertisements: [{ cidr: '', communities: ['x'] }, { cidr: 'fd00::/8' }] }],
    [{ localWorkloadPeeringIPV4: '169.254.1.1', localWorkloadPeeringIPV6: 'fd00::1' }],
    [{ ipv4NormalRoutePriority: 1, ipv6NormalRoutePriority: 2_147_483_646 }],
  ])('is taken with %j', (spec) => {
    const { view, problems } = configuration(spec);
    expect(problems).toEqual([]);
    expect(view).toBeDefined();
  });

  test('of a node has a say in four fields, and the others are named', () => {
    const spec = { logSeverityScreen: 'Info', listenPort: 1790, asNumber: 1, bindMode: 'NodeIP' };
    const { view, problems } = configuration(spec, 'node.w1');
    expect(view).toBeDefined();
    expect(problems.map(({ code, where }) => [code, where])).toEqual([
      ['ignored-field', 'BGPConfiguration node.w1, spec.asNumber'],
      ['ignored-field', 'BGPConfiguration node.w1, spec.bindMode'],
    ]);
  });

  test('rounds times half up to whole seconds', () => {
    const timeOf = (nodeMeshMaxRestartTime: string): unknown =>
      configuration({ nodeMeshMaxRestartTime }).view;
    expect(timeOf('1499ms')).toMatchObject({ meshRestartTime: 1 });
    expect(timeOf('1m0.5s')).toMatchObject({ meshRestartTime: 61 });
    expect(timeOf('0s')).toMatchObject({ meshRestartTime: 0 });
  });

  test('takes an unknown programClusterRoutes for the default', () => {
    const { view, problems } = configuration({ programClusterRoutes: 'Perhaps' });
    expect(view).toMatchObject({ programClusterRoutes: undefined });
    expect(problems[0]).toMatchObject({ severity: 'warning' });
  });

  test.each<[object, string]>([
    [{ nodeToNodeMeshEnabled: false, nodeMeshMaxRestartTime: '10s' }, 'nodeMeshMaxRestartTime'],
    [{ communities: [{ name: 'a', value: '1:2' }] }, 'communities'],
    [{ listenPort: 65_536 }, 'listenPort'],
    [
      {
        nodeToNodeMeshEnabled: false,
        nodeMeshPassword: { secretKeyRef: { name: 'a', key: 'b' } },
      },
      'nodeMeshPassword',
    ],
    [{ nodeMeshPassword: { secretKeyRef: { name: 'a' } } }, 'nodeMeshPassword'],
    [{ communities: [{ name: 'a', value: '1:2' }], prefixAdvertisements: [] }, 'communities'],
    [{ prefixAdvertisements: [{ cidr: 'x', communities: [] }] }, 'prefixAdvertisements[0].cidr'],
    [{ serviceExternalIPs: [{ cidr: '10.0.0.0' }] }, 'serviceExternalIPs[0].cidr'],
    [{ serviceLoadBalancerAggregation: 'On' }, 'serviceLoadBalancerAggregation'],
    [{ ipv4NormalRoutePriority: 0 }, 'ipv4NormalRoutePriority'],
    [{ ipv6NormalRoutePriority: 2_147_483_647 }, 'ipv6NormalRoutePriority'],
    [{ bindMode: 'nodeip' }, 'bindMode'],
    [{ logSeverityScreen: 'loud' }, 'logSeverityScreen'],
    [{ ignoredInterfaces: ['a b'] }, 'ignoredInterfaces[0]'],
    [{ asNumber: 4_294_967_296 }, 'asNumber'],
    [{ nodeToNodeMeshEnabled: 'no' }, 'nodeToNodeMeshEnabled'],
    [
      {
        communities: [{ name: 'a', value: '70000:2' }],
        prefixAdvertisements: [{ cidr: '1.0.0.0/8' }],
      },
      'communities[0].value',
    ],
  ])('is absent with %j', (spec, field) => {
    const { view, problems } = configuration(spec);
    expect(view).toBeUndefined();
    expect(problems[0]?.where).toBe(`BGPConfiguration default, spec.${field}`);
  });
});

describe('Secret', () => {
  const secret = (data: Readonly<Record<string, unknown>>): ReturnType<typeof readResource> =>
    readResource({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'kube-system', labels: {}, annotations: {} },
      spec: {},
      data,
    });

  test('gives its values decoded', () => {
    const { view, problems } = secret({ a: 'cHc=', b: 'cH\n c=', ['__proto__']: 'cHc=' });
    expect(problems).toEqual([]);
    expect(view).toMatchObject({
      data: new Map([
        ['a', 'pw'],
        ['b', 'pw'],
        ['__proto__', 'pw'],
      ]),
    });
  });

  test.each([['%%%'], [5], ['/w=='], [`${' '.repeat(500_000)}%`]])(
    'has no value where %j is not text in base64',
    (value) => {
      const { view, problems } = secret({ a: value });
      expect(view).toMatchObject({ data: new Map() });
      expect(problems).toMatchObject([{ where: 'Secret kube-system/s, data.a' }]);
    },
  );
});

describe('any object', () => {
  test('of a misspelt Calico kind is reported, of a foreign kind left alone', () => {
    expect(readResource(calico('BgpPeers', 'x', {})).problems[0]).toMatchObject({
      code: 'unknown-kind',
      cure: 'Write BGPPeer',
    });
    for (const [apiVersion, kind] of [
      ['apps/v1', 'Deployment'],
      ['serving.knative.dev/v1', 'Service'],
      ['whereabouts.cni.cncf.io/v1alpha1', 'IPPool'],
      ['v1', 'BGPPeer'],
    ] as const)
      expect(readResource({ ...calico(kind, 'x', { cidr: 5 }), apiVersion })).toMatchObject({
        view: undefined,
        problems: [],
      });
  });

  test('with thousands of faults names some of them, and surely one that makes it absent', () => {
    const unknown = Object.fromEntries(
      Array.from({ length: 5000 }, (_, index) => [`field${index}`, 1]),
    );
    const { view, problems } = readResource(calico('IPPool', 'p', { ...unknown, cidr: 'x' }));
    expect(view).toBeUndefined();
    expect(problems).toHaveLength(33);
    expect(problems.at(-1)).toMatchObject({ severity: 'error', where: 'IPPool p, spec.cidr' });
    const many = { exportV4: Array(5000).fill({ action: 'Maybe' }) };
    expect(readResource(calico('BGPFilter', 'f', many)).problems).toHaveLength(32);
  });

  test('is read or refused, never thrown at', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', 'constructor', 'bgp', 'cidr', 'peerIP', 'asNumber', 'password'),
    );
    const value = fc.anything({ key, withNullPrototype: true, maxDepth: 4 });
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.dictionary(key, value),
        ([apiVersion, kind], spec) => {
          const { view, problems } = readResource({
            ...calico(kind, 'default', spec, { 'kubernetes.io/service-name': 'a' }),
            apiVersion,
            data: spec,
            status: spec,
            endpoints: Object.values(spec),
          });
          for (const { code } of problems) expect(PROBLEMS).toHaveProperty(code);
          if (problems.some(({ severity }) => severity === 'error')) expect(view).toBeUndefined();
        },
      ),
      { numRuns },
    );
  });
});
