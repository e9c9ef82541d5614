import { describe, expect, test } from 'vitest';
import { configuration, derived, NO_MESH, namesOf, node, nodeAt, peersOf } from './cluster-of.ts';

describe('the mesh', () => {
  test('leads to every other node in each family that both have', () => {
    const resources = [
      node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' }),
      node('n2', { ipv4Address: '10.0.0.2/24', ipv6Address: 'fd00::2/64' }),
      node('n3', { ipv6Address: 'FD00:0::3/64' }),
      node('n4', {}),
    ];
    expect(namesOf(resources)).toEqual(['Mesh_10_0_0_2', 'Mesh_fd00__2', 'Mesh_fd00__3']);
    expect(peersOf(resources).map((peer) => peer.families)).toEqual([
      ['ipv4-unicast'],
      ['ipv6-unicast'],
      ['ipv6-unicast'],
    ]);
  });

  test('has the timers and abilities of BIRD in Calico', () => {
    expect(peersOf([nodeAt(1), nodeAt(2)])[0]).toEqual({
      name: 'Mesh_10_0_0_2',
      address: '10.0.0.2',
      port: 179,
      interface: undefined,
      asn: 64_512,
      localAddress: '10.0.0.1',
      localAsn: 64_512,
      allowOwnAs: 0,
      passive: true,
      shutdown: undefined,
      reflectorClient: false,
      routeServerClient: false,
      role: undefined,
      roleRequired: false,
      families: ['ipv4-unicast'],
      holdTime: 240,
      keepaliveTime: undefined,
      sendHoldTime: undefined,
      connectRetryTime: 5,
      errorWait: { min: 5, max: 30 },
      password: undefined,
      multihop: 64,
      ttlSecurity: undefined,
      nextHop: 'auto',
      addPath: { send: true, receive: true },
      extendedMessages: false,
      extendedNextHop: false,
      gracefulRestart: { restartTime: 120, notification: false },
      longLivedGracefulRestart: undefined,
      longLivedPartialDeployment: false,
      bfd: undefined,
      prefixLimit: undefined,
      gracefulShutdown: false,
      asSet: 'accept',
      importPolicy: ['calico_import_v4'],
      exportPolicy: ['calico_priority_v4', 'calico_export_v4'],
      importEnd: 'accept',
      exportEnd: 'reject',
    });
  });

  test('lets the side with the lower address text dial: 10.0.0.10 before 10.0.0.9', () => {
    const resources = [nodeAt(9), nodeAt(10)];
    expect(peersOf(resources, 'n9')[0]?.passive).toBe(false);
    expect(peersOf(resources, 'n10')[0]?.passive).toBe(true);
  });

  test('excludes reflectors, on both sides', () => {
    const resources = [nodeAt(1), nodeAt(2), nodeAt(3, { routeReflectorClusterID: '1.0.0.1' })];
    expect(namesOf(resources)).toEqual(['Mesh_10_0_0_2']);
    expect(namesOf(resources, 'n3')).toEqual([]);
  });

  test('is off when the cluster says so', () => {
    expect(namesOf([NO_MESH, nodeAt(1), nodeAt(2)])).toEqual([]);
  });

  test('takes a node without AS number to have the one of the cluster, not our own', () => {
    const resources = [
      configuration({ asNumber: 65_000 }),
      nodeAt(1, { asNumber: 65_001 }),
      nodeAt(2),
      nodeAt(3, { asNumber: 65_003 }),
    ];
    expect(peersOf(resources).map(({ asn, localAsn }) => [asn, localAsn])).toEqual([
      [65_000, 65_001],
      [65_003, 65_001],
    ]);
  });

  test("dials the remote node's own port, else the cluster's, and never names it", () => {
    const resources = [
      configuration({ listenPort: 1790 }),
      configuration({ listenPort: 500 }, 'node.n2'),
      nodeAt(1),
      nodeAt(2),
      nodeAt(3),
    ];
    expect(peersOf(resources).map(({ name, port }) => [name, port])).toEqual([
      ['Mesh_10_0_0_2', 500],
      ['Mesh_10_0_0_3', 1790],
    ]);
  });

  test('with another AS is the same kind of session in every release', () => {
    const resources = [nodeAt(1), nodeAt(2, { asNumber: 65_002 })];
    const sessions = (['v3.31', 'v3.32', 'v3.33'] as const).map((compat) => {
      const [peer] = derived(resources, 'n1', { compat }).config.peers;
      return { multihop: peer?.multihop, policy: peer?.exportPolicy.at(-1) };
    });
    expect(sessions).toEqual(Array(3).fill({ multihop: 64, policy: 'calico_export_v4' }));
  });

  test.each([
    ['10.5s', 11],
    ['0s', 0],
    ['1h8m15.4s', 4095],
    ['499ms', 0],
    ['2h', 4095],
  ])('announces a restart time of %s as %d s', (nodeMeshMaxRestartTime, restartTime) => {
    const resources = [configuration({ nodeMeshMaxRestartTime }), nodeAt(1), nodeAt(2)];
    expect(peersOf(resources)[0]?.gracefulRestart?.restartTime).toBe(restartTime);
  });
});
