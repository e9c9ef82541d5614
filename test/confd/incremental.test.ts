import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeDerivation } from '../../src/confd/derive.ts';
import { ReflectorDerivation } from '../../src/confd/derive-reflector.ts';
import type { Derived, Environment } from '../../src/confd/types.ts';
import { keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { EVERY_NODE } from '../../src/lab/plan.ts';
import {
  block,
  configuration,
  filter,
  node,
  nodeAt,
  peer,
  pool,
  secret,
  service,
  slice,
  workload,
} from './cluster-of.ts';

const HELD: Environment = { missingSecret: 'hold' };
const OPTIONS = {
  asn: 64_512,
  routerId: '10.9.9.9',
  listen: [{ address: '10.0.0.250', port: 179 }],
};

interface Derivation {
  derive(resources: Iterable<Resource>): Derived;
}

const DERIVATIONS: readonly (readonly [name: string, begin: () => Derivation])[] = [
  ['a node', () => new NodeDerivation('n1', HELD)],
  ['a node that dials without a password', () => new NodeDerivation('n1', {})],
  ['a node with host-local IPAM', () => new NodeDerivation('n1', { usePodCidr: true })],
  ['a reflector that is a Node', () => new ReflectorDerivation({ node: 'n1' }, EVERY_NODE, HELD)],
  ['a reflector that is none', () => new ReflectorDerivation(OPTIONS, EVERY_NODE, HELD)],
];

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });

const defined = (fields: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const REFERENCE = { secretKeyRef: { name: 's', key: 'k' } };
const PORT = fc.constantFrom(179, 1790);
const ASN = fc.constantFrom(64_512, 65_001);
const SELECTOR = fc.constantFrom('all()', "rack == 'a'", "rack == 'b'");
const LAST = fc.integer({ min: 1, max: 6 });

const nodes = fc
  .record({
    name: LAST,
    // Now and then two nodes have one address.
    ipv4: fc.constantFrom(undefined, 0, 0, 0, 0, 1, 2, 7),
    ipv6: maybe(LAST),
    asNumber: maybe(ASN),
    routeReflectorClusterID: fc.constantFrom(undefined, undefined, undefined, '1.1.1.1', '2.2.2.2'),
    rack: fc.constantFrom('a', 'b'),
    wireguard: fc.boolean(),
    mistaken: fc.constantFrom(undefined, undefined, undefined, 1),
  })
  .map(({ name, ipv4, ipv6, rack, wireguard, ...more }) => {
    const ipv4Address = ipv4 === undefined ? undefined : `10.0.0.${ipv4 || name}/24`;
    const ipv6Address = ipv6 === undefined ? undefined : `fd00::${ipv6}/64`;
    const made = node(`n${name}`, defined({ ipv4Address, ipv6Address, ...more }), { rack });
    const interfaceIPv4Address = wireguard ? `10.8.0.${name}` : undefined;
    const status = { podCIDRs: [`10.2.${name}.0/24`] };
    return {
      ...made,
      status,
      spec: { ...made.spec, wireguard: defined({ interfaceIPv4Address }) },
    };
  });

const peers = fc
  .record({
    name: fc.constantFrom('p1', 'p2', 'p3'),
    local: fc.constantFrom({}, { node: 'n1' }, { nodeSelector: "rack == 'a'" }),
    remote: fc.oneof(
      SELECTOR.map((peerSelector) => ({ peerSelector })),
      fc.record({ peerIP: LAST.map((last) => `10.0.0.${last}`), asNumber: ASN }),
      fc.record({
        peerIP: fc.constantFrom('10.7.7.7', '10.7.7.7:1790'),
        asNumber: ASN,
        reachableBy: fc.constantFrom('10.0.0.7', '10.0.0.8'),
      }),
      fc.constant({ localWorkloadSelector: 'all()', asNumber: 65_001 }),
    ),
    filters: fc.constantFrom([], ['f1'], ['f1', 'f2']),
    password: maybe(fc.constant(REFERENCE)),
    reversePeering: maybe(fc.constantFrom('Auto', 'Manual')),
  })
  .map(({ name, local, remote, ...more }) => peer(name, defined({ ...local, ...remote, ...more })));

const clusterConfigurations = fc
  .record({
    nodeToNodeMeshEnabled: fc.constantFrom(true, true, false),
    asNumber: maybe(ASN),
    listenPort: maybe(PORT),
    ipv4NormalRoutePriority: maybe(fc.constantFrom(512, 1024)),
  })
  .map((fields) => configuration(defined(fields)));

const serviceConfigurations = fc.constantFrom('10.96.0.0/12', '10.96.0.7/32').map((cidr) =>
  configuration({
    serviceClusterIPs: [{ cidr: '10.96.0.0/12' }],
    serviceExternalIPs: [{ cidr }],
  }),
);

const meshConfigurations = fc
  .record({
    nodeMeshPassword: maybe(fc.constant(REFERENCE)),
    nodeMeshMaxRestartTime: maybe(fc.constantFrom('60s', '5000s')),
    filters: maybe(fc.constantFrom('f1', 'f2, f1')),
  })
  .map(({ filters, ...fields }) => {
    const made = configuration(defined(fields));
    const annotations = filters === undefined ? {} : { 'bengal.dev/filters': filters };
    return { ...made, metadata: { ...made.metadata, annotations } };
  });

const services = fc.oneof(
  fc
    .tuple(fc.constantFrom('web', 'api'), fc.constantFrom('Local', 'Cluster'), LAST)
    .map(([name, externalTrafficPolicy, last]) =>
      service(name, {
        type: 'ClusterIP',
        clusterIP: `10.96.0.${last}`,
        clusterIPs: [`10.96.0.${last}`],
        externalIPs: [`10.96.1.${last}`],
        externalTrafficPolicy,
        ipFamilies: ['IPv4'],
      }),
    ),
  fc
    .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('web', 'api'), LAST, fc.boolean())
    .map(([name, of, last, ready]) => slice(name, of, [`n${last}`], { ready })),
);

const workloads = fc
  .tuple(fc.constantFrom('w1', 'w2'), fc.constantFrom('p1', 'p2', 'p3'), LAST)
  .map(([name, of, last]) => workload(name, of, { ipv4Nets: [`10.0.0.${last}/32`] }));

const otherResources = fc.oneof(
  fc.tuple(PORT, LAST).map(([listenPort, last]) => configuration({ listenPort }, `node.n${last}`)),
  fc
    .tuple(fc.constantFrom('f1', 'f2'), fc.constantFrom('Accept', 'Reject'), fc.boolean())
    .map(([name, action, exports]) =>
      filter(name, { [exports ? 'exportV4' : 'importV4']: [{ action }] }),
    ),
  fc.constantFrom('', 'one', 'two').map((k) => secret('s', { k })),
  fc
    .tuple(fc.constantFrom('p', 'q'), fc.boolean())
    .map(([name, disableBGPExport]) => pool(name, { cidr: '10.1.0.0/16', disableBGPExport })),
  fc.tuple(LAST, LAST).map(([at, of]) => block(`n${at}`, `10.1.${of}.0/26`)),
);

const puts = fc.oneof(
  { weight: 4, arbitrary: nodes },
  { weight: 4, arbitrary: peers },
  { weight: 1, arbitrary: clusterConfigurations },
  { weight: 1, arbitrary: meshConfigurations },
  { weight: 1, arbitrary: serviceConfigurations },
  { weight: 1, arbitrary: services },
  { weight: 1, arbitrary: workloads },
  { weight: 3, arbitrary: otherResources },
);

const withWireguard = (last: number): Resource => {
  const made = nodeAt(last);
  return { ...made, spec: { ...made.spec, wireguard: { interfaceIPv4Address: `10.8.0.${last}` } } };
};

/** What is there before the first edit: of much a part counts only beside others. */
const beginning = (): Map<string, Resource> =>
  new Map(
    [
      withWireguard(1),
      withWireguard(2),
      configuration({ serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] }),
      service('web', {
        type: 'ClusterIP',
        clusterIP: '10.96.0.9',
        clusterIPs: ['10.96.0.9'],
        externalTrafficPolicy: 'Local',
        ipFamilies: ['IPv4'],
      }),
    ].map((at) => [keyOf(at), at]),
  );

interface Edit {
  readonly resource: Resource;
  /** Else whatever has its key is deleted. */
  readonly put: boolean;
  /** Whether a derivation sees it before the next edit. */
  readonly seen: boolean;
  /** Gives the objects in another order than the one in which they came. */
  readonly turned: boolean;
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    resource: puts,
    put: fc.boolean().map((drawn) => !drawn),
    seen: fc.boolean().map((drawn) => !drawn),
    turned: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 20, size: 'max' },
);

const bytes = ({ provenance, ...rest }: Derived): string =>
  JSON.stringify([rest, [...provenance]], (_, value) => (value === undefined ? 'absent' : value));

describe.each(DERIVATIONS)('the derivation of %s, again and again', (_, begin) => {
  test('gives what one from scratch would, after any edits', () => {
    const numRuns = Number(process.env['FC_RUNS'] ?? 50);
    const property = fc.property(edits, (made) => {
      const derivation = begin();
      const store = beginning();
      for (const { resource, put, seen, turned } of made) {
        if (put) store.set(keyOf(resource), resource);
        else store.delete(keyOf(resource));
        if (!seen) continue;
        const resources = [...store.values()];
        const again = derivation.derive(turned ? resources.toReversed() : resources);
        // Copies are unknown objects.
        const scratch = begin().derive(structuredClone(resources).reverse());
        expect(bytes(again)).toBe(bytes(scratch));
      }
    });
    fc.assert(property, { numRuns });
  });

  test('gives what stays as it was, whoever asks for it late', () => {
    const property = fc.property(edits, (made) => {
      const derivation = begin();
      const store = beginning();
      const steps = made.map(({ resource, put }) => {
        if (put) store.set(keyOf(resource), resource);
        else store.delete(keyOf(resource));
        const scratch = begin().derive(structuredClone([...store.values()]));
        return { again: derivation.derive(store.values()), scratch };
      });
      for (const { again, scratch } of steps) expect(bytes(again)).toBe(bytes(scratch));
    });
    fc.assert(property, { numRuns: 20 });
  });

  test('keeps the very same peer where nothing changed that it is made of', () => {
    const derivation = begin();
    const resources = [nodeAt(1), ...[2, 3, 4, 5].map((last) => nodeAt(last))];
    const changed = nodeAt(3, { asNumber: 65_001 });
    const before = derivation.derive(resources).config?.peers ?? [];
    const after = derivation.derive(
      resources.map((at) => (keyOf(at) === keyOf(changed) ? changed : at)),
    );
    const kept = after.config?.peers.map((at) => before.includes(at));
    expect(kept?.filter((same) => !same)).toHaveLength(1);
  });

  test('gives the very same lists where nothing changed that is in them', () => {
    const derivation = begin();
    const resources = [1, 2, 3].map((last) => nodeAt(last));
    const before = derivation.derive(resources).config;
    const after = derivation.derive([...resources, block('n2', '10.1.2.0/26')]).config;
    expect(after?.peers).toBe(before?.peers);
    expect(after?.policies).toBe(before?.policies);
    expect(after?.networks).toBe(before?.networks);
  });
});
