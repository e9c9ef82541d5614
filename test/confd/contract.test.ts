import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import { deriveReflector } from '../../src/confd/derive-reflector.ts';
import type { Environment } from '../../src/confd/types.ts';
import { printConfig } from '../../src/config/print.ts';
import { resolveConfig } from '../../src/config/resolve.ts';
import type { SpeakerConfig } from '../../src/config/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { parseSelector } from '../../src/datastore/selector.ts';
import { calicoCases } from './calico-cases.ts';
import {
  block,
  configuration,
  filter,
  node,
  peer,
  pool,
  secret,
  service,
  slice,
  workload,
} from './cluster-of.ts';

const numRuns = Number(process.env['FC_RUNS'] ?? 100);

/** What is derived must be a configuration that `bengal speaker` would take. */
function expectValid(config: SpeakerConfig | undefined): void {
  if (config === undefined) return;
  expect(resolveConfig(printConfig(config, { redact: false }))).toEqual({ config });
}

describe('the contract of the configuration', () => {
  test.each(calicoCases())('holds for Calico case $name', ({ resources, node: name, routerId }) => {
    expectValid(derive(resources, name, { routerId }).config);
  });

  test('holds for any resources, for nodes and for reflectors', () => {
    const all = parseSelector('all()');
    fc.assert(
      fc.property(cluster, (resources) => {
        for (const environment of ENVIRONMENTS)
          expectValid(derive(resources, 'n0', environment).config);
        if ('selector' in all)
          expectValid(deriveReflector(resources, { node: 'n0' }, all.selector, {}).config);
      }),
      { numRuns },
    );
  });
});

const ENVIRONMENTS: readonly Environment[] = [
  { compat: 'v3.31', missingSecret: 'hold' },
  { compat: 'v3.33' },
  { usePodCidr: true, advertiseClusterIps: '10.1.0.0/16', kubernetesNodeName: 'n1' },
];

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const host = fc.constantFrom(
  '0.0.0.0',
  '224.0.0.5',
  '10.0.0.1',
  '10.0.0.2',
  '10.0.0.3',
  '192.0.2.9',
);
const six = fc.constantFrom('::', 'fe80::1', 'ff02::1', 'fd00::1', 'FD00::2', 'fd00:0:0::3');
const asn = fc.constantFrom(0, 64_512, 65_001, '1.10', 4_294_967_295);
const time = fc.constantFrom('0s', '1s', '90s', '240s', '5h');
const cidr = fc.constantFrom('10.1.0.0/16', '10.1.0.0/26', '10.1.0.9/32', 'fd01::/48', '0.0.0.0/0');
const selector = fc.constantFrom('all()', 'has(rr)', '!has(rr)', "rr == 'x'", '(', '');
const passwordOf = fc.constantFrom('known', 'long', 'unknown').map((key) => ({
  secretKeyRef: { name: 'bgp', key },
}));

const anyNode = fc
  .record({
    index: fc.nat(4),
    ipv4Address: maybe(host),
    ipv6Address: maybe(six),
    asNumber: maybe(asn),
    routeReflectorClusterID: maybe(fc.constantFrom('0.0.0.0', '1.1.1.1', '10.0.0.1')),
    labels: fc.constantFrom<Record<string, string>>({}, { rr: 'x' }),
    wireguard: maybe(
      fc.record({ interfaceIPv4Address: maybe(host), interfaceIPv6Address: maybe(six) }),
    ),
    podCIDRs: maybe(fc.array(cidr)),
  })
  .map(({ index, labels, wireguard, podCIDRs, ...bgp }) => ({
    ...node(`n${index}`, bgp, labels),
    spec: { bgp, wireguard },
    status: { podCIDRs },
  }));

const anyPeer = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    peerIP: maybe(
      fc.oneof(
        host,
        six,
        host.map((at) => `${at}:179`),
        six.map((at) => `[${at}]:1`),
      ),
    ),
    peerSelector: maybe(selector),
    localWorkloadSelector: maybe(selector),
    asNumber: maybe(asn),
    node: maybe(fc.constantFrom('n0', 'n1')),
    nodeSelector: maybe(selector),
    localASNumber: maybe(asn),
    numAllowedLocalASNumbers: maybe(fc.constantFrom(0, 2, 1000)),
    keepaliveTime: maybe(time),
    maxRestartTime: maybe(time),
    ttlSecurity: maybe(fc.constantFrom(0, 1, 255)),
    reachableBy: maybe(fc.constantFrom('10.0.0.254', 'fd00::fe')),
    password: maybe(passwordOf),
    filters: maybe(fc.subarray(['f', 'g', 'h', 'f'])),
  })
  .map(({ name, ...spec }) => peer(name, spec));

const anyRule = fc.record({
  action: fc.constantFrom('Accept', 'Reject'),
  cidr: maybe(fc.constantFrom('10.1.0.0/16', '10.1.0.9/32', '0.0.0.0/0')),
  matchOperator: maybe(fc.constantFrom('In', 'NotIn', 'Equal', 'NotEqual')),
  prefixLength: maybe(fc.record({ min: maybe(fc.nat(40)), max: maybe(fc.nat(40)) })),
  interface: maybe(fc.constantFrom('eth*', 'much-too-long-name')),
  peerType: maybe(fc.constantFrom('eBGP', 'iBGP')),
  communities: maybe(fc.constantFrom({ values: ['007:1'] }, { values: [] })),
  asPathPrefix: maybe(fc.array(asn, { maxLength: 2 })),
  priority: maybe(fc.constantFrom(1, 2_147_483_646)),
  operations: maybe(
    fc.array(
      fc.constantFrom(
        { addCommunity: { value: '1:2:3' } },
        { prependASPath: { prefix: [65_000] } },
        { setPriority: { value: 512 } },
      ),
    ),
  ),
});

const anyFilter = fc
  .record({
    name: fc.constantFrom('f', 'g'),
    exportV4: maybe(fc.array(anyRule, { maxLength: 2 })),
    importV4: maybe(fc.array(anyRule, { maxLength: 2 })),
  })
  .map(({ name, ...spec }) => filter(name, spec));

const anyPool = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    cidr,
    ipipMode: maybe(fc.constantFrom('Always', 'CrossSubnet')),
    disableBGPExport: fc.boolean(),
  })
  .map(({ name, ...spec }) => pool(name, spec));

const ranges = fc.array(fc.record({ cidr: maybe(cidr) }), { maxLength: 3 });
const addresses = fc.array(fc.oneof(host, six), { maxLength: 2 });

const anyService = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    ingress: addresses,
    type: maybe(fc.constantFrom('LoadBalancer', 'ExternalName')),
    clusterIP: maybe(fc.oneof(host, six, fc.constant('None'))),
    externalIPs: maybe(addresses),
    loadBalancerIP: maybe(host),
    externalTrafficPolicy: maybe(fc.constantFrom('Local', 'Cluster')),
  })
  .map(({ name, ingress, ...spec }) => service(name, spec, ingress));

const anySlice = fc
  .record({
    name: fc.constantFrom('a1', 'b1', 'b2'),
    of: fc.constantFrom('a', 'b'),
    nodeNames: fc.subarray(['n0', 'n1']),
    addressType: fc.constantFrom('IPv4', 'IPv6', 'FQDN'),
    ready: maybe(fc.boolean()),
  })
  .map(({ name, of, nodeNames, ...rest }) => slice(name, of, nodeNames, rest));

const anyWorkload = fc
  .record({
    name: fc.constantFrom('w', 'x'),
    of: fc.constantFrom('a', 'b', 'c'),
    ipv4Nets: maybe(fc.array(cidr)),
    ipv6Nets: maybe(fc.array(six)),
  })
  .map(({ name, of, ...nets }) => workload(name, of, nets));

const anyConfiguration = fc
  .record({
    name: fc.constantFrom('default', 'node.n0'),
    listenPort: maybe(fc.constantFrom(0, 179, 1790)),
    asNumber: maybe(asn),
    bindMode: maybe(fc.constantFrom('None', 'NodeIP')),
    ignoredInterfaces: maybe(fc.constantFrom(['eth9'], ['a*', '!b'], ['much-too-long-name'])),
    nodeMeshPassword: maybe(passwordOf),
    serviceClusterIPs: maybe(ranges),
    serviceExternalIPs: maybe(ranges),
    serviceLoadBalancerIPs: maybe(ranges),
    serviceLoadBalancerAggregation: maybe(fc.constantFrom('Enabled', 'Disabled')),
    programClusterRoutes: maybe(fc.constantFrom('Enabled', 'Disabled')),
    prefixAdvertisements: maybe(
      fc.array(
        fc.record({ cidr, communities: fc.constant(['007:1', '1:2:3', 'name', '70000:1']) }),
      ),
    ),
  })
  .map(({ name, ...spec }) => configuration(spec, name));

const cluster: fc.Arbitrary<readonly Resource[]> = fc
  .tuple(
    fc.uniqueArray(anyNode, { selector: (at) => at.metadata.name, minLength: 2 }),
    fc.uniqueArray(anyPeer, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anyPool, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anyConfiguration, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anyFilter, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anyService, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anySlice, { selector: (at) => at.metadata.name }),
    fc.uniqueArray(anyWorkload, { selector: (at) => at.metadata.name }),
    fc.array(cidr.map((at) => block('n0', at))),
  )
  .map((parts) => [...parts.flat(), secret('bgp', { known: 'pw', long: 'x'.repeat(81) })]);
