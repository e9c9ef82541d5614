import { describe, expect, test } from 'vitest';
import { deriveReflector, type ReflectorIdentity } from '../../src/confd/derive-reflector.ts';
import type { Derived } from '../../src/confd/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { parseSelector, type Selector } from '../../src/datastore/selector.ts';
import { block, configuration, NO_MESH, node, nodeAt, peer, pool } from './cluster-of.ts';
import { evaluator } from './evaluate.ts';
import type { Route } from './routes.ts';

function selector(text: string): Selector {
  const parsed = parseSelector(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.selector;
}

const reflect = (
  resources: readonly Resource[],
  identity: ReflectorIdentity = { node: 'rr' },
  clients = 'all()',
): Derived => deriveReflector(resources, identity, selector(clients), {});

const LEARNED: Route = {
  prefix: '',
  source: 'bgp',
  interface: 'eth0',
  metric: 0,
  localPref: 100,
  nextHop: '10.0.0.1',
};

const RR = node('rr', { ipv4Address: '10.0.0.9/24', routeReflectorClusterID: '244.0.0.1' });

describe('a standalone reflector', () => {
  test('listens on its own address and waits for every node, without a FIB', () => {
    const resources = [RR, nodeAt(1), nodeAt(2), block('rr', '10.1.0.0/26')];
    const { config, problems } = reflect(resources);
    expect(config).toMatchObject({
      routerId: '10.0.0.9',
      clusterId: '244.0.0.1',
      listen: [{ address: '10.0.0.9', port: 179 }],
      kernel: undefined,
      networks: [],
      policies: {},
      peers: [
        {
          name: 'Client_10_0_0_1',
          passive: true,
          reflectorClient: true,
          localAddress: '10.0.0.9',
          exportPolicy: [],
          exportEnd: 'accept',
        },
        { name: 'Client_10_0_0_2' },
      ],
    });
    expect(problems).toEqual([]);
  });

  test('takes the nodes that the selector matches, no other reflectors', () => {
    const resources = [
      RR,
      node('rr2', { ipv4Address: '10.0.0.8/24', routeReflectorClusterID: '244.0.0.1' }),
      nodeAt(1, {}, { rack: 'a' }),
      nodeAt(2, {}, { rack: 'b' }),
    ];
    const names = (clients: string): unknown =>
      reflect(resources, { node: 'rr' }, clients).config?.peers.map(({ name }) => name);
    expect(names("rack == 'b'")).toEqual(['Client_10_0_0_2']);
    expect(names('all()')).toEqual(['Client_10_0_0_1', 'Client_10_0_0_2']);
  });

  test('dials clients that a BGPPeer brings to it, and other peers too', () => {
    const resources = [
      NO_MESH,
      RR,
      nodeAt(1),
      nodeAt(2),
      pool('p', { cidr: '10.1.0.0/16' }),
      peer('to-rr', { node: 'n1', peerIP: '10.0.0.9', asNumber: 64_512 }),
      peer('tor', { node: 'rr', peerIP: '10.9.9.9', asNumber: 65_000 }),
    ];
    const { config } = reflect(resources);
    expect(config?.peers).toMatchObject([
      { name: 'Client_10_0_0_1', passive: false, reflectorClient: true, exportEnd: 'accept' },
      { name: 'Client_10_0_0_2', passive: true },
      { name: 'Node_10_9_9_9', exportPolicy: ['calico_export_v4'], exportEnd: 'reject' },
    ]);
    expect(Object.keys(config?.policies ?? {})).toEqual(['calico_export_v4']);
  });

  test('keeps a client the same peer when a BGPPeer comes to describe it', () => {
    const nodes = [NO_MESH, RR, nodeAt(1)];
    const spec = { nodeSelector: 'all()', peerSelector: 'all()', keepaliveTime: '20s' };
    const [before, after] = [nodes, [...nodes, peer('p', spec)]].map(
      (resources) => reflect(resources).config?.peers,
    );
    expect(before).toHaveLength(1);
    expect(after).toEqual(before?.map((at) => ({ ...at, passive: false, keepaliveTime: 20 })));
  });

  test('without a cluster id uses its router id', () => {
    const { config } = reflect([node('rr', { ipv4Address: '10.0.0.9/24' }), nodeAt(1)]);
    expect(config).toMatchObject({ clusterId: '10.0.0.9', peers: [{ reflectorClient: true }] });
  });

  test('passes the addresses of Services on to eBGP peers, and originates none', () => {
    const services = configuration({
      nodeToNodeMeshEnabled: false,
      serviceClusterIPs: [{ cidr: '10.96.0.0/12' }],
      serviceExternalIPs: [{ cidr: '198.18.9.9/32' }],
      serviceLoadBalancerIPs: [{ cidr: '203.0.113.0/24' }],
    });
    const tor = peer('tor', { node: 'rr', peerIP: '10.9.9.9', asNumber: 65_000 });
    const { config, needs } = reflect([services, RR, tor]);
    const judge = evaluator(['calico_export_v4'], config?.policies ?? {}, 'reject', 'ebgp');
    const passes = (prefix: string): boolean => judge({ ...LEARNED, prefix }).accepted;
    expect(passes('10.96.0.7/32')).toBe(true);
    expect(passes('198.18.9.9/32')).toBe(true);
    expect(passes('203.0.113.7/32')).toBe(true);
    expect(passes('192.0.2.0/24')).toBe(false);
    expect(config?.networks).toEqual([]);
    expect(needs).toEqual([]);
  });

  test('does not make a client of a node with another AS number', () => {
    const { config } = reflect([RR, nodeAt(1, { asNumber: 65_001 })]);
    expect(config?.peers).toMatchObject([{ asn: 65_001, reflectorClient: false }]);
  });

  test('may be no Node at all', () => {
    const identity = {
      asn: 65_000,
      routerId: '1.2.3.4',
      listen: [
        { address: '0.0.0.0', port: 1790 },
        { address: 'fd00::9', port: 179 },
      ],
    };
    const resources = [
      configuration({ asNumber: 65_000 }),
      node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' }),
      peer('p', { peerIP: '10.9.9.9', asNumber: 1 }),
    ];
    expect(reflect(resources, identity).config).toMatchObject({
      asn: 65_000,
      clusterId: '1.2.3.4',
      listen: identity.listen,
      peers: [
        { name: 'Client_10_0_0_1', localAddress: undefined, reflectorClient: true },
        { name: 'Client_fd00__1', localAddress: 'fd00::9' },
      ],
    });
  });

  test('whose Node is not there has no configuration', () => {
    expect(reflect([nodeAt(1)])).toMatchObject({
      config: undefined,
      problems: [{ code: 'node-unknown' }],
    });
  });
});
