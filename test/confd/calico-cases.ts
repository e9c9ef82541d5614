import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, type Resource } from '../../src/datastore/datastore.ts';
import { readDocuments } from '../../src/datastore/file/documents.ts';
import { secret } from './cluster-of.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/calico');

export interface CalicoCase {
  readonly name: string;
  readonly resources: readonly Resource[];
  /** Texts of the files of BIRD's IPv4 process and of its IPv6 process. */
  readonly bird: Readonly<Record<4 | 16, readonly string[]>>;
  /** The node that the configuration is for. */
  readonly node: string;
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
  'mesh/static-routes',
  'mesh/static-routes-exclude-node',
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

const STEPPED = [
  'mesh/communities',
  'mesh/static-routes',
  'mesh/static-routes-exclude-node',
  'explicit_peering/selectors',
];

const NO_ADDRESS = 'mesh/static-routes-no-ipv4-address';

/** Every case with what Calico's harness adds: six block affinities of the node under test. */
export function calicoCases(): readonly CalicoCase[] {
  return [
    ...PLAIN.map((name) => caseOf(name, [name])),
    { ...caseOf('mesh/hash', ['mesh/hash']), routerId: 'hash' },
    ...STEPPED.map((name) => caseOf(`${name}/step2`, [name, `${name}/step2`])),
    { ...caseOf(NO_ADDRESS, [NO_ADDRESS]), routerId: '10.10.10.10' },
    caseOf('explicit_peering/local_bgp_peer', ['local-bgp-peer']),
    ...meshPasswordCases(),
    ...passwordCases(),
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

/** Calico keeps the Secrets of its harness in kube-system. */
const MESH_SECRETS: readonly (readonly Resource[])[] = [
  [],
  [secret('my-secrets-1', { a: 'password-a' })],
  [secret('my-secrets-1', { a: 'new-password-a' })],
];

const meshPasswordCases = (): readonly CalicoCase[] =>
  MESH_SECRETS.map((secrets, index) => {
    const base = caseOf(`mesh/password/step${index + 1}`, ['mesh-password']);
    return { ...base, resources: [...base.resources, ...secrets] };
  });

const A = 'password-a';
const B = 'password-b';
const SECOND = secret('my-secrets-2', { c: 'password-c' });

const SECRETS: readonly (readonly Resource[])[] = [
  [],
  [secret('my-secrets-1', { b: B })],
  [secret('my-secrets-1', { a: A, b: B }), SECOND],
  [secret('my-secrets-1', { a: A, b: B })],
  [secret('my-secrets-1', { a: `new-${A}`, b: `new-${B}` })],
  [secret('my-secrets-1', { b: `new-${B}` })],
];

const passwordCases = (): readonly CalicoCase[] =>
  SECRETS.map((secrets, index) => {
    const base = caseOf(`password/step${index + 1}`, ['password'], []);
    return { ...base, node: 'node1', resources: [...base.resources, ...secrets] };
  });

function caseOf(
  name: string,
  inputs: readonly string[],
  blocks: readonly Resource[] = BLOCKS,
): CalicoCase {
  const objects = new Map(blocks.map((block) => [keyOf(block), block]));
  for (const resource of inputs.flatMap(readInput)) objects.set(keyOf(resource), resource);
  const read = (file: string): string =>
    readFileSync(path.join(FIXTURES, 'expected', name, file), 'utf8');
  return {
    name,
    node: 'kube-master',
    resources: [...objects.values()],
    bird: {
      4: ['bird.cfg', 'bird_aggr.cfg', 'bird_ipam.cfg'].map(read),
      16: ['bird6.cfg', 'bird6_aggr.cfg', 'bird6_ipam.cfg'].map(read),
    },
  };
}

function readInput(input: string): readonly Resource[] {
  const reconstructed = path.join(FIXTURES, 'reconstructed', `${input}.yaml`);
  if (existsSync(reconstructed)) return readFile(reconstructed);
  const folder = path.join(FIXTURES, 'input', input);
  const throughApi = path.join(folder, 'kubectl-input.yaml');
  return [
    ...readFile(path.join(folder, 'input.yaml')),
    ...(existsSync(throughApi) ? readFile(throughApi).map(stored) : []),
  ];
}

const readFile = (file: string): readonly Resource[] =>
  readDocuments(file, readFileSync(file, 'utf8')).map(({ resource }) => resource);

/** As an API server stores what a client creates: in a namespace, and without its status. */
function stored({ status, ...resource }: Resource): Resource {
  return { ...resource, metadata: { ...resource.metadata, namespace: 'default' } };
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
