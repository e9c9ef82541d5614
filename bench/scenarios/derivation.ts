import { Agent } from '../../src/agent/agent.ts';
import { NodeDerivation } from '../../src/confd/derive.ts';
import { ReflectorDerivation } from '../../src/confd/derive-reflector.ts';
import type { Derived, Environment } from '../../src/confd/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';
import { MemoryDatastore } from '../../src/datastore/memory-datastore.ts';
import { MemoryFib } from '../../src/kernel/memory-fib.ts';
import { MemoryKernel } from '../../src/kernel/memory-kernel.ts';
import { EVERY_NODE } from '../../src/lab/plan.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { silentProbe } from '../../src/runtime/probe.ts';
import { seededRandom } from '../../src/runtime/random.ts';
import { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { Speaker } from '../../src/speaker/speaker.ts';
import { MemoryNetwork } from '../../src/transport/memory-network.ts';
import { addressOf, blockOf, clusterOf, nodeOf, object } from '../cluster-of.ts';
import { cpuOf, quantile } from '../figures.ts';
import type { Row, Scenario } from '../scenario.ts';

const NODES = 5000;
const GROWTH = [500, 1000, 2000, 5000];
const ROUNDS = 60;
/** The node that changes. */
const OTHER = 250;
const ENVIRONMENT: Environment = {};
const OPTIONS = {
  asn: 64_512,
  routerId: addressOf(1),
  listen: [{ address: '10.255.0.1', port: 179 }],
};

const reflector = nodeOf(1, { routeReflectorClusterID: '1.1.1.1' }, { reflector: 'true' });
const noMesh = object('BGPConfiguration', 'default', { nodeToNodeMeshEnabled: false });
const toReflectors = object('BGPPeer', 'reflectors', {
  nodeSelector: '!has(reflector)',
  peerSelector: 'has(reflector)',
});
const amongAll = object('BGPPeer', 'all', { nodeSelector: 'all()', peerSelector: 'has(rack)' });

const reference = { secretKeyRef: { name: 'bgp', key: 'mesh' } };
const withPassword = object('BGPConfiguration', 'default', { nodeMeshPassword: reference });
const secret: Resource = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'bgp', namespace: 'kube-system', labels: {}, annotations: {} },
  spec: {},
  data: { mesh: Buffer.from('password').toString('base64') },
};

interface Derivation {
  derive(resources: Iterable<Resource>): Derived;
}

interface Shape {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly begin: () => Derivation;
  /** What every Node of the cluster has beside its BGP fields. */
  readonly dress?: (node: Resource) => Resource;
}

const asNode = (): Derivation => new NodeDerivation('node-1', ENVIRONMENT);

const withWireguard = (node: Resource): Resource => {
  const number = node.metadata.name.slice('node-'.length);
  const wireguard = { interfaceIPv4Address: addressOf(Number(number) + 32_768) };
  return { ...node, spec: { ...node.spec, wireguard } };
};

const SHAPES: readonly Shape[] = [
  { name: 'node in a mesh', resources: clusterOf(NODES), begin: asNode },
  {
    name: 'node in a mesh with a password',
    resources: clusterOf(NODES, [withPassword, secret]),
    begin: asNode,
  },
  {
    name: 'node in a mesh with WireGuard',
    resources: clusterOf(NODES).map((at) => (at.kind === 'Node' ? withWireguard(at) : at)),
    begin: asNode,
    dress: withWireguard,
  },
  {
    name: 'node with a peerSelector',
    resources: clusterOf(NODES, [noMesh, amongAll]),
    begin: asNode,
  },
  {
    name: 'node that is a reflector',
    resources: clusterOf(NODES, [reflector, noMesh, toReflectors]),
    begin: asNode,
  },
  {
    name: 'standalone reflector',
    resources: clusterOf(NODES),
    begin: () => new ReflectorDerivation(OPTIONS, EVERY_NODE, ENVIRONMENT),
  },
];

const CHANGES: Readonly<Record<string, (round: number) => Resource>> = {
  label: (round) => nodeOf(OTHER, {}, { round: String(round) }),
  address: (round) => nodeOf(OTHER, { ipv4Address: `10.200.${round}.1/8` }),
  'AS number': (round) => nodeOf(OTHER, { asNumber: 65_000 + round }),
  block: (round) => blockOf(OTHER, `100.120.${round}.0/26`),
};

async function measure(
  { name, resources, begin, dress = (node) => node }: Shape,
  size?: number,
): Promise<readonly Row[]> {
  const store = new MemoryDatastore(resources);
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, random: seededRandom(2) });
  const shared = { clock, logger: silentLogger, probe: silentProbe };
  const speaker = new Speaker({
    ...shared,
    random: seededRandom(1),
    transport: network.host([addressOf(1)]),
    openKernel: () => new MemoryKernel(new MemoryFib(), clock),
  });
  const derivation = begin();
  let deriving = 0;
  const timed = (at: Iterable<Resource>): Derived => {
    const start = performance.now();
    const result = derivation.derive(at);
    deriving = performance.now() - start;
    return result;
  };
  const agent = new Agent({ ...shared, datastore: store.connect(), derive: timed, speaker });
  const first = await cpuOf(() => {
    agent.start();
    clock.advance(0);
  });
  const figures = { 'CPU ms, least': first, 'CPU ms, median': first, 'of it derivation': deriving };
  const row = { target: 'bengal', ...(size !== undefined && { size }) };
  const rows: Row[] = [{ ...row, what: `${name}: first configuration`, figures }];
  for (const [what, change] of Object.entries(CHANGES)) {
    const all: number[] = [];
    const derivations: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const made = change(round);
      const changed = made.kind === 'Node' ? dress(made) : made;
      all.push(
        await cpuOf(() => {
          store.apply(changed);
          clock.advance(0);
        }),
      );
      derivations.push(deriving);
    }
    const [least, median] = [quantile(all, 0), quantile(all, 0.5)];
    rows.push({
      ...row,
      what: `${name}: ${what}`,
      figures: {
        'CPU ms, least': least,
        'CPU ms, median': median,
        'of it derivation': quantile(derivations, 0),
      },
    });
  }
  void agent.stop();
  speaker.stop();
  return rows;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'derivation',
    about: `${NODES} Nodes and BlockAffinities, one change at a time: datastore, derivation, difference, speaker`,
    needsRoot: false,
    run: async () => {
      const rows: Row[] = [];
      for (const shape of SHAPES) rows.push(...(await measure(shape)));
      return rows;
    },
  },
  {
    name: 'derivation-growth',
    about: 'The same in a mesh, against the number of nodes',
    needsRoot: false,
    growth: { size: 'nodes', figures: ['CPU ms, least'] },
    run: async () => {
      const rows: Row[] = [];
      for (const size of GROWTH) {
        const mesh = { name: 'node in a mesh', resources: clusterOf(size), begin: asNode };
        rows.push(...(await measure(mesh, size)));
      }
      return rows;
    },
  },
];
