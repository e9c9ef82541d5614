import { Cluster, type Host } from './cluster.ts';

export const NODES: readonly number[] = [1, 2, 3, 4, 5];
export const REFLECTOR = '10.0.0.100';
export const addressOf = (node: number): string => `10.0.0.${node}`;
const blockOf = (node: number): string => `10.65.${node}.0/26`;
const podOf = (node: number): string => `10.65.${node}.1`;

function nodeConfig(node: number, session: object): object {
  return {
    asn: 64512,
    routerId: addressOf(node),
    listen: [{ address: '0.0.0.0', port: 179 }],
    kernel: { learn: true, program: true },
    networks: [{ prefix: blockOf(node), kernel: 'blackhole' }],
    peers: [
      {
        name: 'reflector',
        address: REFLECTOR,
        asn: 64512,
        localAddress: addressOf(node),
        ...session,
      },
      // Neighbours on a ring peer directly as well, so that a prefix has several paths.
      ...[(node % 5) + 1, ((node + 3) % 5) + 1].map((other) => ({
        name: `n${other}`,
        address: addressOf(other),
        asn: 64512,
        localAddress: addressOf(node),
        ...session,
      })),
    ],
  };
}

const reflectorConfig = (session: object): object => ({
  asn: 64512,
  routerId: REFLECTOR,
  clusterId: '10.0.0.100',
  listen: [{ address: REFLECTOR, port: 179 }],
  peers: NODES.map((node) => ({
    name: `n${node}`,
    address: addressOf(node),
    asn: 64512,
    passive: true,
    reflectorClient: true,
    ...session,
  })),
});

/** Five nodes on a ring, each with its neighbours and the reflector as peers; all of them run. */
export function build(
  seed: number,
  session: object = {},
): { cluster: Cluster; nodes: readonly Host[]; reflector: Host } {
  const cluster = new Cluster(seed);
  const reflector = cluster.add('reflector', REFLECTOR, reflectorConfig(session));
  cluster.start(reflector);
  const nodes = NODES.map((node) =>
    cluster.add(`n${node}`, addressOf(node), nodeConfig(node, session)),
  );
  for (const node of nodes) cluster.start(node);
  return { cluster, nodes, reflector };
}

/** Every block that a node's FIB does not lead to its owner. */
export function missing(cluster: Cluster, nodes: readonly Host[]): readonly string[] {
  return nodes.flatMap((host) =>
    NODES.filter((node) => addressOf(node) !== host.address)
      .filter((node) => cluster.gateway(host, podOf(node)) !== addressOf(node))
      .map((node) => `${host.name} has no route to ${blockOf(node)}`),
  );
}
