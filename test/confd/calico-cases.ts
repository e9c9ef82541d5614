import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { readDocuments } from '../../src/datastore/file/documents.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/calico');

export interface CalicoCase {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Texts of the files of BIRD's IPv4 process and of its IPv6 process. */
  readonly bird: Readonly<Record<4 | 16, readonly string[]>>;
  readonly routerId?: string;
}

const PLAIN = [
  'mesh/bgp-export',
  'mesh/communities',
  'mesh/ipip-always',
  'mesh/ipip-cross-subnet',
  'mesh/ipip-off',
  'mesh/restart-time',
  'mesh/route-reflector-mesh-enabled',
  'mesh/vxlan-always',
  'explicit_peering/global',
  'explicit_peering/global-external',
  'explicit_peering/global-ipv6',
  'explicit_peering/keepnexthop',
  'explicit_peering/keepnexthop-global',
  'explicit_peering/local-as',
  'explicit_peering/local-as-global',
  'explicit_peering/local-as-global-ipv6',
  'explicit_peering/local-as-ipv6',
  'explicit_peering/route_reflector',
  'explicit_peering/route_reflector_v6_by_ip',
  'explicit_peering/selectors',
  'explicit_peering/specific_node',
];

/** Every case with what Calico's harness adds: six block affinities of the node under test. */
export function calicoCases(): readonly CalicoCase[] {
  return [
    ...PLAIN.map((name) => caseOf(name, [name])),
    { ...caseOf('mesh/hash', ['mesh/hash']), routerId: 'hash' },
    ...['mesh/communities', 'explicit_peering/selectors'].map((name) =>
      caseOf(`${name}/step2`, [name, `${name}/step2`]),
    ),
    ...[
      ['pcr-disabled', 'Disabled'],
      ['pcr-enabled', 'Enabled'],
      ['pcr-ipip-only', 'EnabledIPIPOnly'],
    ].map(([step = '', policy = '']) => {
      const base = caseOf(`mesh/restart-time/${step}`, ['mesh/restart-time']);
      return { ...base, resources: base.resources.map((at) => withPolicy(at, policy)) };
    }),
  ];
}

function caseOf(name: string, inputs: readonly string[]): CalicoCase {
  const objects = new Map(BLOCKS.map((block) => [keyOf(block), block]));
  for (const input of inputs) {
    const text = readFileSync(path.join(FIXTURES, 'input', input, 'input.yaml'), 'utf8');
    for (const { resource } of readDocuments(input, text)) objects.set(keyOf(resource), resource);
  }
  const read = (file: string): string =>
    readFileSync(path.join(FIXTURES, 'expected', name, file), 'utf8');
  return {
    name,
    resources: [...objects.values()],
    bird: {
      4: ['bird.cfg', 'bird_aggr.cfg', 'bird_ipam.cfg'].map(read),
      16: ['bird6.cfg', 'bird6_aggr.cfg', 'bird6_ipam.cfg'].map(read),
    },
  };
}

const withPolicy = (resource: Resource, programClusterRoutes: string): Resource =>
  keyOf(resource) === 'BGPConfiguration//default'
    ? { ...resource, spec: { ...resource.spec, programClusterRoutes } }
    : resource;

const BLOCKS: readonly Resource[] = [
  ['10.0.0.0/30'],
  ['10.1.0.0/24'],
  ['10.2.0.1/32'],
  ['192.168.221.192/26'],
  ['192.168.221.64/26', 'confirmed'],
  ['192.168.221.0/26', 'pending'],
].map(([cidr = '', state]) => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'BlockAffinity',
  metadata: { name: `kube-master-${cidr.replaceAll(/[./]/g, '-')}`, labels: {}, annotations: {} },
  spec: { node: 'kube-master', cidr, ...(state !== undefined && { state }) },
}));
