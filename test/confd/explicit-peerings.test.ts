import { describe, expect, test } from 'vitest';
import {
  configuration,
  derived,
  NO_MESH,
  namesOf,
  node,
  nodeAt,
  peer,
  peersOf,
} from './cluster-of.ts';

const AS = { asNumber: 64_512 };
const RR = { rr: 'true' };

describe('a peering by address', () => {
  test('of the cluster is global, of a node is its own and never passive', () => {
    const resources = [
      NO_MESH,
      nodeAt(1),
      nodeAt(2),
      nodeAt(3),
      peer('a', { peerIP: '10.0.0.2', ...AS }),
      peer('b', { peerIP: '10.0.0.3', node: 'n1', ...AS }),
      peer('c', { peerIP: '10.0.0.9', node: 'n2', ...AS }),
    ];
    expect(peersOf(resources).map(({ name, passive }) => [name, passive])).toEqual([
      ['Global_10_0_0_2', true],
      ['Node_10_0_0_3', false],
    ]);
  });

  test('with port 179 is the same as without a port, but named after it', () => {
    const one = peer('a', { peerIP: '10.0.0.9', ...AS });
    const other = peer('b', { peerIP: '10.0.0.9:179', ...AS });
    expect(namesOf([NO_MESH, nodeAt(1), one, other])).toEqual(['Global_10_0_0_9']);
    expect(namesOf([NO_MESH, nodeAt(1), other])).toEqual(['Global_10_0_0_9_port_179']);
  });

  test('is recognised as a node however the address is written', () => {
    const resources = [
      configuration({ nodeToNodeMeshEnabled: false, listenPort: 1790 }),
      node('n1', { ipv6Address: 'fd00::1/64' }),
      node('n2', { ipv6Address: 'fd00::2/64' }),
      peer('a', { peerIP: 'FD00::0002', node: 'n1', ...AS }),
    ];
    expect(peersOf(resources)[0]).toMatchObject({ name: 'Node_fd00__2_port_1790', port: 1790 });
    expect(namesOf(resources, 'n2')).toEqual(['Node_fd00__1_port_1790']);
  });

  test('of a node with another AS number has no port of it', () => {
    const resources = [
      configuration({ nodeToNodeMeshEnabled: false, listenPort: 1790 }),
      nodeAt(1),
      nodeAt(2, { asNumber: 65_002 }),
    ];
    const port = (asNumber: number): number | undefined =>
      peersOf([...resources, peer('a', { peerIP: '10.0.0.2', asNumber })])[0]?.port;
    expect(port(65_002)).toBe(1790);
    expect(port(64_512)).toBe(179);
  });

  test('uses the own AS number that it names, and that decides iBGP or eBGP', () => {
    const spec = { peerIP: '10.0.0.9', asNumber: 65_001, keepOriginalNextHop: true };
    const nextHop = (localASNumber?: number): unknown =>
      peersOf([NO_MESH, nodeAt(1), peer('a', { ...spec, localASNumber })])[0];
    expect(nextHop()).toMatchObject({ localAsn: 64_512, nextHop: 'keep' });
    expect(nextHop(65_001)).toMatchObject({ localAsn: 65_001, nextHop: 'auto' });
  });

  test.each([
    ['Self', 'self'],
    ['Keep', 'keep'],
    ['Auto', 'auto'],
  ])('with nextHopMode %s has it for iBGP as well', (nextHopMode, nextHop) => {
    const spec = { peerIP: '10.0.0.9', nextHopMode, ...AS };
    expect(peersOf([NO_MESH, nodeAt(1), peer('a', spec)])[0]?.nextHop).toBe(nextHop);
  });

  test('carries the settings of its BGPPeer', () => {
    const spec = {
      peerIP: '10.0.0.9',
      sourceAddress: 'None',
      keepaliveTime: '20s',
      maxRestartTime: '0s',
      ttlSecurity: 2,
      numAllowedLocalASNumbers: 3,
      ...AS,
    };
    expect(peersOf([NO_MESH, nodeAt(1), peer('a', spec)])[0]).toMatchObject({
      localAddress: undefined,
      keepaliveTime: 20,
      gracefulRestart: { restartTime: 0 },
      ttlSecurity: 2,
      allowOwnAs: 3,
    });
  });

  test('keeps a third of the hold time between keepalives where more is asked for', () => {
    const spec = { peerIP: '10.0.0.9', keepaliveTime: '240s', ...AS };
    const { config, problems } = derived([NO_MESH, nodeAt(1), peer('a', spec)]);
    expect(config.peers[0]?.keepaliveTime).toBeUndefined();
    expect(problems).toMatchObject([{ code: 'value-clamped', severity: 'warning' }]);
  });

  test('wins over the mesh, which would lead to the same place', () => {
    const resources = [nodeAt(1), nodeAt(2), peer('a', { peerIP: '10.0.0.2', ...AS })];
    expect(namesOf(resources)).toEqual(['Global_10_0_0_2']);
    expect(derived(resources).problems).toMatchObject([
      { code: 'duplicate-peer', where: 'Mesh_10_0_0_2' },
    ]);
  });

  test('of the own address, or of a family that the node lacks, is none', () => {
    const resources = [
      NO_MESH,
      nodeAt(1),
      peer('a', { peerIP: '10.0.0.1', ...AS }),
      peer('b', { peerIP: 'fd00::9', ...AS }),
    ];
    expect(namesOf(resources)).toEqual([]);
  });

  test('goes to the first BGPPeer by name, the global ones before all', () => {
    const resources = (global: string): Parameters<typeof derived>[0] => [
      NO_MESH,
      nodeAt(1),
      peer(global, { peerIP: '10.0.0.9', keepaliveTime: '1s', ...AS }),
      peer('b', { peerIP: '10.0.0.9', keepaliveTime: '2s', ...AS }),
      peer('a', { peerIP: '10.0.0.9', keepaliveTime: '3s', node: 'n1', ...AS }),
    ];
    expect(peersOf(resources('a0')).map((at) => at.keepaliveTime)).toEqual([1]);
    expect(peersOf(resources('c')).map((at) => at.keepaliveTime)).toEqual([2]);
  });
});

describe('a peering by selector', () => {
  const reflectors = [
    NO_MESH,
    nodeAt(1),
    nodeAt(2),
    nodeAt(3, { routeReflectorClusterID: '244.0.0.1' }, RR),
    nodeAt(4, { routeReflectorClusterID: '244.0.0.1' }, RR),
    nodeAt(5, { routeReflectorClusterID: '244.0.0.2' }, RR),
  ];
  const clients = (resources: Parameters<typeof peersOf>[0], name: string): readonly unknown[] =>
    peersOf(resources, name).map((at) => `${at.name} ${at.reflectorClient ? 'client' : 'peer'}`);

  test('joins workers and reflectors, which know clients by cluster id', () => {
    const all = [...reflectors, peer('p', { nodeSelector: 'all()', peerSelector: "rr == 'true'" })];
    expect(clients(all, 'n1')).toEqual([
      'Node_10_0_0_3 peer',
      'Node_10_0_0_4 peer',
      'Node_10_0_0_5 peer',
    ]);
    expect(clients(all, 'n3')).toEqual([
      'Node_10_0_0_1 client',
      'Node_10_0_0_2 client',
      'Node_10_0_0_4 peer',
      'Node_10_0_0_5 client',
    ]);
  });

  test('without node selector is global for everyone and has its reverse', () => {
    const all = [...reflectors, peer('p', { peerSelector: 'has(rr)' })];
    expect(clients(all, 'n1')).toContain('Global_10_0_0_3 peer');
    expect(clients(all, 'n3')).toEqual([
      'Global_10_0_0_4 peer',
      'Global_10_0_0_5 client',
      'Node_10_0_0_1 client',
      'Node_10_0_0_2 client',
    ]);
  });

  test('is never passive and ignores AS number fields of the address form', () => {
    const spec = { peerSelector: 'has(rr)', localASNumber: 65_009, numAllowedLocalASNumbers: 2 };
    expect(peersOf([...reflectors, peer('p', spec)])[0]).toMatchObject({
      passive: false,
      localAsn: 64_512,
      allowOwnAs: 0,
    });
  });

  test('takes the AS number of each node, else the one of the cluster', () => {
    const resources = [
      configuration({ nodeToNodeMeshEnabled: false, asNumber: 65_000 }),
      nodeAt(1, { asNumber: '1.10' }),
      nodeAt(2, { asNumber: 65_002 }),
      nodeAt(3),
      peer('p', { peerSelector: 'all()' }),
    ];
    expect(peersOf(resources).map(({ asn, localAsn }) => [asn, localAsn])).toEqual([
      [65_002, 65_546],
      [65_000, 65_546],
    ]);
  });

  test('that two BGPPeers describe is one', () => {
    const p = peer('p', { nodeSelector: 'all()', peerSelector: 'has(rr)' });
    const q = peer('q', { nodeSelector: '!has(rr)', peerSelector: "rr == 'true'" });
    const { config, problems } = derived([...reflectors, p, q]);
    expect(config.peers.map(({ name }) => name)).toEqual([
      'Node_10_0_0_3',
      'Node_10_0_0_4',
      'Node_10_0_0_5',
    ]);
    expect(problems).toEqual([]);
  });

  test('goes with its node', () => {
    const p = peer('p', { peerSelector: 'has(rr)' });
    const left = reflectors.filter(({ metadata }) => metadata.name !== 'n4');
    expect(namesOf([...reflectors, p])).toHaveLength(3);
    expect(namesOf([...left, p])).toEqual(['Global_10_0_0_3', 'Global_10_0_0_5']);
  });

  test('has no other end when reversePeering is Manual', () => {
    const spec = { nodeSelector: '!has(rr)', peerSelector: 'has(rr)', reversePeering: 'Manual' };
    expect(clients([...reflectors, peer('p', spec)], 'n3')).toEqual([]);
  });

  test('an outside iBGP router is a client of a reflector', () => {
    const resources = [...reflectors, peer('p', { peerIP: '10.0.0.9', node: 'n3', ...AS })];
    expect(clients(resources, 'n3')).toEqual(['Node_10_0_0_9 client']);
  });
});

describe('the other end of a peering by address', () => {
  const ends = (spec: object, more: Parameters<typeof namesOf>[0] = []): readonly string[] =>
    namesOf([NO_MESH, nodeAt(1), nodeAt(2), nodeAt(3), ...more, peer('p', { ...spec })]);

  test('is made for a node that has the address and the AS number', () => {
    expect(ends({ peerIP: '10.0.0.1', node: 'n2', ...AS })).toEqual(['Node_10_0_0_2']);
    expect(ends({ peerIP: '10.0.0.1', ...AS })).toEqual(['Node_10_0_0_2', 'Node_10_0_0_3']);
    expect(ends({ peerIP: '10.0.0.1', node: 'n2', asNumber: 65_001 })).toEqual([]);
    expect(ends({ peerIP: '10.0.0.1', node: 'n2' })).toEqual(['Node_10_0_0_2']);
  });

  test('compares a written port with the port that the node listens on', () => {
    const own = configuration({ listenPort: 1790 }, 'node.n1');
    expect(ends({ peerIP: '10.0.0.1:1790', node: 'n2', ...AS }, [own])).toEqual(['Node_10_0_0_2']);
    expect(ends({ peerIP: '10.0.0.1:179', node: 'n2', ...AS }, [own])).toEqual([]);
    expect(ends({ peerIP: '10.0.0.1:9999', node: 'n2', ...AS })).toEqual(['Node_10_0_0_2']);
  });

  test('is made for that family only', () => {
    const resources = [
      NO_MESH,
      node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' }),
      node('n2', { ipv4Address: '10.0.0.2/24', ipv6Address: 'fd00::2/64' }),
      peer('p', { peerIP: 'fd00::1', node: 'n2', ...AS }),
    ];
    expect(namesOf(resources)).toEqual(['Node_fd00__2']);
  });

  test('gives way to a peering that was written for it', () => {
    const resources = [
      NO_MESH,
      nodeAt(1),
      nodeAt(2),
      peer('a', { peerIP: '10.0.0.1', node: 'n2', keepaliveTime: '1s', ...AS }),
      peer('b', { peerIP: '10.0.0.2', node: 'n1', keepaliveTime: '2s', ...AS }),
    ];
    expect(peersOf(resources).map((at) => at.keepaliveTime)).toEqual([2]);
  });
});
