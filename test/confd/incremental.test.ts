import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import { deriveReflector } from '../../src/confd/derive-reflector.ts';
import type { Derived, Environment } from '../../src/confd/types.ts';
import { keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { EVERY_NODE } from '../../src/lab/plan.ts';
import { block, configuration, filter, node, nodeAt, peer, pool, secret } from './cluster-of.ts';

const HELD: Environment = { missingSecret: 'hold' };
const OPTIONS = {
  asn: 64_512,
  routerId: '10.9.9.9',
  listen: [{ address: '10.0.0.250', port: 179 }],
};

type Derive = (resources: readonly Resource[]) => Derived;

const DERIVATIONS: readonly (readonly [name: string, derive: Derive])[] = [
  ['a node', (resources) => derive(resources, 'n1', HELD)],
  ['a reflector that is a Node', (at) => deriveReflector(at, { node: 'n1' }, EVERY_NODE, HELD)],
  ['a reflector that is none', (at) => deriveReflector(at, OPTIONS, EVERY_NODE, HELD)],
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
    ipv4: fc.constantFrom(undefined, 0, 0, 0, 0, 0, 1, 2),
    ipv6: maybe(LAST),
    asNumber: maybe(ASN),
    routeReflectorClusterID: fc.constantFrom(undefined, undefined, undefined, '1.1.1.1', '2.2.2.2'),
    rack: fc.constantFrom('a', 'b'),
  })
  .map(({ name, ipv4, ipv6, rack, ...more }) => {
    const ipv4Address = ipv4 === undefined ? undefined : `10.0.0.${ipv4 || name}/24`;
    const ipv6Address = ipv6 === undefined ? undefined : `fd00::${ipv6}/64`;
    return node(`n${name}`, defined({ ipv4Address, ipv6Address, ...more }), { rack });
  });

const peers = fc
  .record({
    name: fc.constantFrom('p1', 'p2', 'p3'),
    local: fc.constantFrom({}, { node: 'n1' }, { nodeSelector: "rack == 'a'" }),
    remote: fc.oneof(
      SELECTOR.map((peerSelector) => ({ peerSelector })),
      fc.record({ peerIP: LAST.map((last) => `10.0.0.${last}`), asNumber: ASN }),
      fc.record({ peerIP: fc.constant('10.7.7.7:1790'), asNumber: ASN }),
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

const meshConfigurations = fc
  .record({
    nodeMeshPassword: maybe(fc.constant(REFERENCE)),
    nodeMeshMaxRestartTime: maybe(fc.constantFrom('60s', '5000s')),
  })
  .map((fields) => configuration(defined(fields)));

const otherResources = fc.oneof(
  fc.tuple(PORT, LAST).map(([listenPort, last]) => configuration({ listenPort }, `node.n${last}`)),
  fc
    .tuple(fc.constantFrom('f1', 'f2'), fc.constantFrom('Accept', 'Reject'), fc.boolean())
    .map(([name, action, exports]) =>
      filter(name, { [exports ? 'exportV4' : 'importV4']: [{ action }] }),
    ),
  fc.constantFrom('', 'one', 'two').map((k) => secret('s', { k })),
  fc.boolean().map((disableBGPExport) => pool('p', { cidr: '10.1.0.0/16', disableBGPExport })),
  fc.tuple(LAST, LAST).map(([at, of]) => block(`n${at}`, `10.1.${of}.0/26`)),
);

const puts = fc.oneof(
  { weight: 4, arbitrary: nodes },
  { weight: 4, arbitrary: peers },
  { weight: 1, arbitrary: clusterConfigurations },
  { weight: 1, arbitrary: meshConfigurations },
  { weight: 3, arbitrary: otherResources },
);

/** Puts of objects, or deletes of what has their key. */
const edits = fc.array(
  fc.tuple(
    puts,
    fc.boolean().map((drawn) => !drawn),
  ),
  { minLength: 1, maxLength: 20, size: 'max' },
);

const bytes = ({ provenance, ...rest }: Derived): string =>
  JSON.stringify([rest, [...provenance]], (_, value) => (value === undefined ? 'absent' : value));

describe.each(DERIVATIONS)('the derivation of %s, again and again', (_, deriveAgain) => {
  test('gives what one from scratch would, after any edits', () => {
    const numRuns = Number(process.env['FC_RUNS'] ?? 50);
    const property = fc.property(edits, (made) => {
      const store = new Map<string, Resource>([['Node//n1', nodeAt(1)]]);
      const steps = made.map(([resource, put]) => {
        if (put) store.set(keyOf(resource), resource);
        else store.delete(keyOf(resource));
        const resources = [...store.values()];
        return { resources, again: bytes(deriveAgain(resources)) };
      });
      // Only now, as another derivation makes the one before it forget. Copies are unknown objects.
      for (const { resources, again } of steps)
        expect(again).toBe(bytes(deriveAgain(structuredClone(resources).reverse())));
    });
    fc.assert(property, { numRuns });
  });

  test('keeps the very same peer where nothing changed that it is made of', () => {
    const resources = [nodeAt(1), ...[2, 3, 4, 5].map((last) => nodeAt(last))];
    const changed = nodeAt(3, { asNumber: 65_001 });
    const before = deriveAgain(resources).config?.peers ?? [];
    const after = deriveAgain(resources.map((at) => (keyOf(at) === keyOf(changed) ? changed : at)));
    const kept = after.config?.peers.map((at) => before.includes(at));
    expect(kept?.filter((same) => !same)).toHaveLength(1);
  });
});
