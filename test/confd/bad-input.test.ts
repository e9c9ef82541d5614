import { describe, expect, test } from 'vitest';
import type { Resource } from '../../src/datastore/datastore.ts';
import {
  configuration,
  derived,
  namesOf,
  nodeAt,
  peer,
  pool,
  secret,
  service,
  slice,
} from './cluster-of.ts';

const MEGABYTE = 1_048_576;

const coreNode = (last: number, annotations: Readonly<Record<string, string>>): Resource => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: `n${last}`,
    labels: {},
    annotations: { 'projectcalico.org/IPv4Address': `10.0.0.${last}/24`, ...annotations },
  },
  spec: {},
});

/** The mesh between n1 and n2 is there, whatever `bad` is, and its message is short. */
function expectHarmless(bad: Resource, place: string): void {
  const { config, problems } = derived([nodeAt(1), nodeAt(2), bad]);
  expect(config.peers.map(({ name }) => name)).toContain('Mesh_10_0_0_2');
  expect(problems.map(({ where }) => where)).toContain(place);
  for (const { where, message } of problems) expect((where + message).length).toBeLessThan(600);
}

describe('a selector that nests ten thousand deep', () => {
  const selector = `${'('.repeat(10_000)}all()${')'.repeat(10_000)}`;

  test.each(['nodeSelector', 'peerSelector', 'localWorkloadSelector'])('as %s', (field) => {
    const spec = { peerIP: field === 'nodeSelector' ? '10.0.0.9' : '', [field]: selector };
    const asNumber = field === 'peerSelector' ? 0 : 64_512;
    expectHarmless(peer('deep', { ...spec, asNumber }), `BGPPeer deep, spec.${field}`);
  });

  test('of negations alone is one', () => {
    const spec = { nodeSelector: `${'!'.repeat(10_000)}all()`, peerIP: '10.0.0.9', asNumber: 1 };
    expect(namesOf([nodeAt(1), peer('deep', spec)])).toEqual(['Node_10_0_0_9']);
  });
});

describe('a key named __proto__', () => {
  const own = (value: unknown): Record<string, string> =>
    JSON.parse(`{"__proto__":${JSON.stringify(value)}}`);

  test('is an unknown field of a spec, and lends it nothing', () => {
    const spec = own({ peerIP: '10.0.0.9', asNumber: 64_512 });
    expectHarmless(peer('p', spec), 'BGPPeer p, spec.__proto__');
    expectHarmless(pool('p', own({ cidr: '10.1.0.0/16' })), 'IPPool p, spec.__proto__');
  });

  test('is a label like any other', () => {
    const labels = { 'projectcalico.org/labels': '{"__proto__":"x"}' };
    const spec = { nodeSelector: "__proto__ == 'x'", peerIP: '10.0.0.9', asNumber: 1 };
    expect(namesOf([coreNode(1, labels), peer('p', spec)])).toEqual(['Node_10_0_0_9']);
    expect(namesOf([coreNode(1, {}), peer('p', spec)])).toEqual([]);
  });

  test('is a key of a Secret, the name of a filter and of a Service like any other', () => {
    const key = '__proto__';
    const resources = [
      nodeAt(1),
      configuration({ serviceClusterIPs: [{ cidr: '10.96.0.0/12' }] }),
      secret('bgp', own('pw')),
      peer('p', {
        peerIP: '10.0.0.9',
        asNumber: 1,
        filters: [key],
        password: { secretKeyRef: { name: 'bgp', key } },
      }),
      service(key, { clusterIP: '10.96.0.7', externalTrafficPolicy: 'Local' }),
      slice('s', key, ['n1']),
    ];
    const { config, problems } = derived(resources);
    expect(config.peers[0]?.password).toEqual({ value: 'pw' });
    expect(config.networks.map(({ prefix }) => prefix)).toContain('10.96.0.7/32');
    expect(problems).toMatchObject([{ code: 'filter-unknown' }]);
  });
});

describe('a megabyte', () => {
  const place = (name: string): string =>
    `Node n3, metadata.annotations[projectcalico.org/${name}]`;

  test.each(['IPv4Address', 'ASNumber', 'RouteReflectorClusterID', 'labels'])(
    'in annotation %s is one bad value',
    (name) => {
      for (const filling of ['1', ' ', '{', '10.0.0.', 'x'])
        expectHarmless(
          coreNode(3, {
            [`projectcalico.org/${name}`]: `${filling.repeat(MEGABYTE / filling.length)}!`,
          }),
          place(name),
        );
    },
  );

  test('of labels in an annotation is taken', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`label-${index}`, 'x'.repeat(40)]),
    );
    const node = coreNode(1, { 'projectcalico.org/labels': JSON.stringify(labels) });
    const spec = { nodeSelector: 'has(label-19999)', peerIP: '10.0.0.9', asNumber: 1 };
    expect(namesOf([node, peer('p', spec)])).toEqual(['Node_10_0_0_9']);
  });

  test('of a foreign annotation means nothing', () => {
    const { problems, config } = derived([
      coreNode(1, { 'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(MEGABYTE) }),
      nodeAt(2),
    ]);
    expect(problems).toEqual([]);
    expect(config.peers).toHaveLength(1);
  });

  test('as the name of a field is cut in the message', () => {
    const spec = { peerIP: '10.0.0.9', asNumber: 1, ['x'.repeat(MEGABYTE)]: 1 };
    const { problems } = derived([nodeAt(1), peer('p', spec)]);
    expect(problems[0]?.where.length).toBeLessThan(300);
  });
});
