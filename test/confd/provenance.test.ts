import { describe, expect, test } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import { deriveReflector } from '../../src/confd/derive-reflector.ts';
import type { Derived } from '../../src/confd/types.ts';
import { printConfig } from '../../src/config/print.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { calicoCases } from './calico-cases.ts';
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
  workload,
} from './cluster-of.ts';

const everyNode = { text: 'all()', matches: () => true };

/** Pointers to everything in a document that holds no other value. */
function leaves(value: unknown, pointer = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  return Object.entries(value).flatMap(([step, part]) => leaves(part, `${pointer}/${step}`));
}

/** The nearest place above, or at, a value that says where it comes from. */
function nearest({ provenance }: Derived, pointer: string): string {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/')))
    if (provenance.has(at)) return at;
  return '';
}

/** Of a peer's fields only those may do with the origin of the peer as a whole. */
const WHOLE_PEER = /^\/peers\/\d+\/(name|address|families\/\d+)$/;

/** Values of the printed configuration that nothing tells the origin of. */
function untold(derived: Derived): readonly string[] {
  expect(derived.config).toBeDefined();
  if (derived.config === undefined) return [];
  return leaves(printConfig(derived.config)).filter((pointer) => {
    const at = nearest(derived, pointer);
    return at === '' || (/^\/peers\/\d+$/.test(at) && !WHOLE_PEER.test(pointer));
  });
}

/** An object of each kind and use that the derivation knows. */
const rich: readonly Resource[] = [
  configuration({
    asNumber: 65_000,
    listenPort: 1790,
    bindMode: 'NodeIP',
    ignoredInterfaces: ['docker0'],
    nodeMeshMaxRestartTime: '90s',
    nodeMeshPassword: { secretKeyRef: { name: 'bgp', key: 'mesh' } },
    communities: [{ name: 'gold', value: '65000:7' }],
    prefixAdvertisements: [{ cidr: '10.1.0.0/16', communities: ['gold'] }],
    serviceClusterIPs: [{ cidr: '10.96.0.0/12' }],
    serviceExternalIPs: [{ cidr: '192.0.2.0/24' }],
  }),
  ...[1, 2, 3].map((last) => nodeAt(last, { ipv6Address: `fd00::${last}/64` }, { rack: 'a' })),
  nodeAt(4, { routeReflectorClusterID: '244.0.0.1' }, { reflector: 'yes' }),
  block('n1', '10.1.0.0/26', 'confirmed'),
  pool('main', { cidr: '10.1.0.0/16', ipipMode: 'CrossSubnet' }),
  pool('hidden', { cidr: '10.2.0.0/16', disableBGPExport: true }),
  filter('small', {
    importV4: [{ action: 'Reject', matchOperator: 'In', cidr: '10.9.0.0/16' }],
    exportV4: [{ action: 'Accept', matchOperator: 'Equal', cidr: '10.8.0.0/16' }],
  }),
  peer('reflectors', { peerSelector: "reflector == 'yes'" }),
  peer('rack', {
    peerIP: '172.16.0.1:1791',
    asNumber: 65_001,
    localASNumber: 65_009,
    numAllowedLocalASNumbers: 2,
    keepaliveTime: '10s',
    maxRestartTime: '30s',
    ttlSecurity: 1,
    nextHopMode: 'Self',
    reachableBy: '10.0.0.254',
    filters: ['small'],
    sourceAddress: 'None',
    password: { secretKeyRef: { name: 'bgp', key: 'rack' } },
  }),
  peer('pods', { localWorkloadSelector: 'all()', asNumber: 65_100, localASNumber: 65_101 }),
  workload('w', 'pods', { ipv4Nets: ['10.1.0.5/32'] }),
  secret('bgp', { mesh: 'm', rack: 'r' }),
  service('web', {
    type: 'LoadBalancer',
    clusterIP: '10.96.0.7',
    clusterIPs: ['10.96.0.7'],
    externalIPs: ['192.0.2.7'],
    externalTrafficPolicy: 'Local',
    ipFamilies: ['IPv4'],
  }),
  slice('web-1', 'web', ['n1'], { ready: true }),
];

describe('every value of the configuration tells where it comes from', () => {
  test.each(['n1', 'n2', 'n4'])('of node %s', (name) => {
    expect(untold(derive(rich, name, {}))).toEqual([]);
    expect(untold(derive(rich, name, { compat: 'v3.31', routerId: 'hash' }))).toEqual([]);
  });

  test('of a reflector that is a Node', () => {
    expect(untold(deriveReflector(rich, { node: 'n4' }, everyNode, {}))).toEqual([]);
  });

  test('of a reflector that the command line describes', () => {
    const identity = {
      asn: 65_000,
      routerId: '10.9.9.9',
      listen: [{ address: '10.9.9.9', port: 179 }],
    };
    expect(untold(deriveReflector(rich, identity, everyNode, {}))).toEqual([]);
  });

  test.each(calicoCases().map((at) => [at.name, at] as const))('in %s', (_name, at) => {
    expect(untold(derive(at.resources, at.node, { routerId: at.routerId }))).toEqual([]);
  });
});

test('the origin is an object that exists, or a rule without one', () => {
  const known = new Set(
    rich.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`),
  );
  for (const { resource, rule } of derive(rich, 'n1', {}).provenance.values()) {
    expect(rule).not.toBe('');
    if (resource !== undefined) expect(known).toContain(resource);
  }
});

test('a default is not told as if somebody had written it', () => {
  const { provenance, config } = derive(rich, 'n1', {});
  const of = (name: string, field: string): unknown => {
    const index = config?.peers.findIndex((at) => at.name === name);
    return provenance.get(`/peers/${index}/${field}`);
  };
  expect(of('Global_172_16_0_1_port_1791', 'holdTime')).toEqual({
    resource: undefined,
    field: '',
    rule: 'as every session of BIRD in Calico',
  });
  expect(of('Global_172_16_0_1_port_1791', 'importPolicy')).toMatchObject({
    resource: 'BGPPeer//rack',
    field: 'spec.filters',
  });
  expect(of('Mesh_10_0_0_2', 'localAddress')).toMatchObject({
    resource: 'Node//n1',
    field: 'spec.bgp.ipv4Address',
  });
});
