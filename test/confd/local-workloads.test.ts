import { describe, expect, test } from 'vitest';
import { derived, NO_MESH, namesOf, node, nodeAt, peer, peersOf, workload } from './cluster-of.ts';

const FOUR = { ipv4Nets: ['10.1.0.7/32', '10.1.0.8/32'] };
const SIX = { ipv6Nets: ['FD01:0::7/128'] };
const PODS = { localWorkloadSelector: "color == 'red'", asNumber: 64_600 };

describe('a BGPPeer of local workloads', () => {
  test('peers with those of its name, by the first address of each family', () => {
    const resources = [
      NO_MESH,
      node('n1', { ipv4Address: '10.0.0.1/24', ipv6Address: 'fd00::1/64' }),
      peer('pods', PODS),
      workload('a', 'pods', { ...FOUR, ...SIX }),
      workload('b', 'others', { ipv4Nets: ['10.1.0.9/32'] }),
    ];
    expect(namesOf(resources)).toEqual(['Local_Workload_10_1_0_7', 'Local_Workload_fd01__7']);
  });

  test('waits for them, from any address, with filters and AS numbers but nothing else', () => {
    const spec = {
      ...PODS,
      localASNumber: 64_700,
      sourceAddress: 'UseNodeIP',
      maxRestartTime: '10s',
      keepaliveTime: '10s',
      ttlSecurity: 1,
      nextHopMode: 'Self',
      numAllowedLocalASNumbers: 2,
      password: { secretKeyRef: { name: 'bgp', key: 'pods' } },
    };
    const { config, needs, problems } = derived([
      NO_MESH,
      nodeAt(1),
      peer('pods', spec),
      workload('a', 'pods', FOUR),
    ]);
    expect(config.peers).toMatchObject([
      {
        address: '10.1.0.7',
        port: 179,
        passive: true,
        asn: 64_600,
        localAsn: 64_700,
        localAddress: undefined,
        allowOwnAs: 0,
        keepaliveTime: undefined,
        gracefulRestart: { restartTime: 120 },
        ttlSecurity: undefined,
        multihop: 64,
        nextHop: 'auto',
        password: undefined,
      },
    ]);
    expect(needs).toEqual([]);
    expect(problems).toEqual([]);
  });

  test('of another node, or of a family that the node lacks, has none here', () => {
    const of = (spec: object): readonly string[] =>
      namesOf([
        NO_MESH,
        nodeAt(1),
        peer('pods', { ...PODS, ...spec }),
        workload('a', 'pods', FOUR),
      ]);
    expect(of({ node: 'n1' })).toEqual(['Local_Workload_10_1_0_7']);
    expect(of({ node: 'n2' })).toEqual([]);
    expect(of({ nodeSelector: "rack == '1'" })).toEqual([]);
    const six = [NO_MESH, nodeAt(1), peer('pods', PODS), workload('a', 'pods', SIX)];
    expect(namesOf(six)).toEqual([]);
  });

  test('has no other end in the cluster', () => {
    const resources = [NO_MESH, nodeAt(1), nodeAt(2), peer('pods', PODS)];
    expect(namesOf(resources)).toEqual([]);
  });

  test('makes them clients of a reflector in its own AS', () => {
    const reflector = nodeAt(1, { routeReflectorClusterID: '244.0.0.1' });
    const resources = [NO_MESH, reflector, workload('a', 'pods', FOUR)];
    const inside = peer('pods', { ...PODS, asNumber: 64_512 });
    expect(peersOf([...resources, inside])[0]?.reflectorClient).toBe(true);
    expect(peersOf([...resources, peer('pods', PODS)])[0]?.reflectorClient).toBe(false);
  });

  test('leads in its provenance to the BGPPeer and the workload', () => {
    const { provenance } = derived([
      NO_MESH,
      nodeAt(1),
      peer('pods', PODS),
      workload('a', 'pods', FOUR),
    ]);
    expect(provenance.get('/peers/0')).toMatchObject({
      resource: 'BGPPeer//pods',
      field: 'spec.localWorkloadSelector',
      rule: 'selects workload a',
    });
    expect(provenance.get('/peers/0/passive')?.rule).toBe('a node waits for its workloads');
  });

  test('is not led astray by a status that is not one', () => {
    const bad = workload('a', 'pods', { ipv4Nets: ['fd01::7/128'] });
    const { config, problems } = derived([NO_MESH, nodeAt(1), peer('pods', PODS), bad]);
    expect(config.peers).toEqual([]);
    expect(problems).toMatchObject([{ where: 'WorkloadEndpointStatus a, spec.ipv4Nets[0]' }]);
  });
});
