import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import { deriveReflector } from '../../src/confd/derive-reflector.ts';
import type { Derived } from '../../src/confd/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { readResource } from '../../src/datastore/resources/read.ts';
import { node, World } from '../agent/world.ts';
import {
  block,
  configuration,
  filter,
  nodeAt,
  peer,
  pool,
  secret,
  service,
  slice,
} from './cluster-of.ts';

const good: readonly Resource[] = [
  configuration({ asNumber: 65_000, serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] }),
  ...[1, 2, 3, 4].map((last) => nodeAt(last, { ipv6Address: `fd00::${last}/64` })),
  block('n1', '10.1.0.0/26', 'confirmed'),
  pool('main', { cidr: '10.1.0.0/16', ipipMode: 'Never', natOutgoing: true }),
  filter('small', { importV4: [{ action: 'Reject', matchOperator: 'In', cidr: '10.9.0.0/16' }] }),
  peer('rack', {
    peerIP: '172.16.0.1',
    asNumber: 65_001,
    filters: ['small'],
    keepaliveTime: '10s',
    password: { secretKeyRef: { name: 'bgp', key: 'rack' } },
  }),
  secret('bgp', { rack: 'word' }),
  service('web', {
    type: 'ClusterIP',
    clusterIP: '10.96.0.7',
    clusterIPs: ['10.96.0.7'],
    ipFamilies: ['IPv4'],
  }),
  slice('web-1', 'web', ['n1'], { ready: true }),
];

const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    'garbage',
    '10.0.0.1/99',
    -1,
    1e30,
    true,
    [],
    {},
    [[]],
    [null],
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

/** Puts `value` at some place in a copy of `document`, or takes that place away. */
function mutated(document: unknown, path: readonly number[], value: unknown): unknown {
  if (typeof document !== 'object' || document === null || path.length === 0) return value;
  const entries = Object.entries(document);
  const [first = 0, ...rest] = path;
  if (entries.length === 0) return value;
  const [chosen = ''] = entries[first % entries.length] ?? [];
  const changed = entries.map(([key, part]) =>
    key === chosen ? ([key, mutated(part, rest, value)] as const) : ([key, part] as const),
  );
  return Array.isArray(document)
    ? changed.map(([, part]) => part)
    : JSON.parse(JSON.stringify(Object.fromEntries(changed)));
}

/** A copy of a good object whose spec, or another part, was broken somewhere. */
const broken = fc
  .tuple(fc.constantFrom(...good), fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }), junk)
  .map(([resource, path, value]): Resource => {
    const { apiVersion, kind, metadata, ...parts } = resource;
    const changed = mutated(parts, path, value) as Omit<
      Resource,
      'apiVersion' | 'kind' | 'metadata'
    >;
    return { ...changed, spec: asSpec(changed.spec), apiVersion, kind, metadata };
  });

/** What a datastore hands out has a mapping as spec, whatever is in it. */
const asSpec = (spec: unknown): Resource['spec'] =>
  typeof spec === 'object' && spec !== null && !Array.isArray(spec)
    ? (spec as Resource['spec'])
    : {};

const counts = (resource: Resource): boolean => readResource(resource).view !== undefined;

const renamed = (resource: Resource): Resource => ({
  ...resource,
  metadata: { ...resource.metadata, name: `broken-${resource.metadata.name}` },
});

const derivations: readonly ((resources: readonly Resource[]) => Derived)[] = [
  (resources) => derive(resources, 'n1', {}),
  (resources) =>
    deriveReflector(resources, { node: 'n4' }, { text: 'all()', matches: () => true }, {}),
];

/** All of a derivation but its problems. */
const meaning = ({ problems: _problems, provenance, ...rest }: Derived): object => ({
  ...rest,
  provenance: [...provenance],
});

test('an object that cannot be taken is as good as absent, and named, beside good ones', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(broken, { maxLength: 8 }), (objects) => {
      const absent = objects.filter((at) => !counts(at)).map(renamed);
      taken += absent.length;
      for (const derivation of derivations) {
        const { problems, ...rest } = derivation([...absent, ...good]);
        expect(meaning({ problems, ...rest })).toEqual(meaning(derivation(good)));
        const named = problems.map(({ where }) => where).join('\n');
        for (const { metadata } of absent) expect(named).toContain(metadata.name);
      }
    }),
  );
  expect(taken).toBeGreaterThan(0);
});

test('a good object that breaks takes only itself away', () => {
  fc.assert(
    fc.property(broken, (object) => {
      fc.pre(!counts(object));
      const { kind, metadata } = object;
      const others = good.filter((at) => at.kind !== kind || at.metadata.name !== metadata.name);
      for (const derivation of derivations)
        expect(meaning(derivation([...others, object]))).toEqual(meaning(derivation(others)));
    }),
  );
});

test('whatever the objects are, the derivation ends, and with a configuration', () => {
  fc.assert(
    fc.property(fc.array(broken, { maxLength: 8 }), (objects) => {
      for (const derivation of derivations)
        expect(derivation([...objects.map(renamed), ...good]).config).toBeDefined();
    }),
  );
});

test('a node goes on following its datastore, whatever else is in it', () => {
  fc.assert(
    fc.property(fc.array(broken, { minLength: 1, maxLength: 8 }), (objects) => {
      const world = new World();
      world.synchronise(node(1), node(2), ...objects.filter((at) => !counts(at)).map(renamed));
      world.put(node(9));
      expect(world.peers).toEqual(['Mesh_10_0_0_2', 'Mesh_10_0_0_9']);
      world.delete(node(9));
      expect(world.peers).toEqual(['Mesh_10_0_0_2']);
    }),
  );
});
