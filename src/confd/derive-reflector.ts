import type { ListenConfig, Rule } from '../config/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { NodeView } from '../datastore/resources/views.ts';
import type { Selector } from '../datastore/selector.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { asnOf, type Cluster, listenPortOf, readCluster } from './cluster.ts';
import { explicitPeerings } from './explicit-peerings.ts';
import { gather } from './gather.ts';
import { logLevelOf } from './log-level.ts';
import { Memo } from './memo.ts';
import { type OwnNode, readOwnNode } from './own-node.ts';
import type { SessionPolicies } from './peer-config.ts';
import { peerProblems } from './peer-problems.ts';
import { type Peering, PLAIN_SETTINGS, peeringKey } from './peering.ts';
import { exportRules } from './policies/export.ts';
import { filterPolicies } from './policies/filter.ts';
import { exportPolicy } from './policies/names.ts';
import { result, withoutConfig } from './result.ts';
import { reflectorAdvertisement, type ServiceAdvertisement } from './services/advertisement.ts';
import { sessionsOf } from './sessions.ts';
import { builtIn, from, type Traced } from './trace.ts';
import type { Derived, Environment } from './types.ts';

/** Who a standalone reflector is: a Node of the datastore, or what the command line says. */
export type ReflectorIdentity = { readonly node: string } | ReflectorOptions;

export interface ReflectorOptions {
  readonly asn: number;
  readonly routerId: string;
  /** The router id when absent. */
  readonly clusterId?: string | undefined;
  readonly listen: readonly ListenConfig[];
}

/**
 * The configuration of a standalone route reflector: no FIB, every Node that `clients` matches is a
 * client that it waits for, BGPPeers that name the reflector's Node are derived as for a node and
 * make it dial. What iBGP peers send is reflected as it came; eBGP peers get what Calico announces.
 */
export function deriveReflector(
  resources: Iterable<Resource>,
  identity: ReflectorIdentity,
  clients: Selector,
  environment: Environment,
): Derived {
  const ownName = 'node' in identity ? identity.node : '';
  const cluster = readCluster(resources, ownName);
  const reader =
    'node' in identity ? ownOfNode(cluster, ownName, environment) : ownOfOptions(identity);
  if (reader === undefined) return withoutConfig(cluster, ownName);
  const { own, listen, problems } = reader;
  const peerings = withClients(
    explicitPeerings(cluster, own),
    clientPeerings(cluster, own, clients),
  );
  const services = reflectorAdvertisement(cluster, environment);
  const sessions = sessionsOf(peerings, own, cluster, environment, sessionPolicies);
  const used = FAMILIES.filter((family) =>
    sessions.configs.some((peer) => peer.exportPolicy.includes(exportPolicy(family))),
  );
  return result({
    own,
    listen,
    kernel: undefined,
    networks: [],
    policies: new Map([
      ...used.map((family) => exportPolicyOf(cluster, own, services, family, environment)),
      ...filterPolicies(cluster, sessions.configs),
    ]),
    sessions,
    logLevel: logLevelOf(cluster, ownName, environment),
    needs: services.needs,
    problems: [
      ...cluster.problems,
      ...problems,
      ...services.problems,
      ...peerProblems(cluster, own),
    ],
  });
}

const exportPolicyOf = (
  cluster: Cluster,
  own: OwnNode,
  services: ServiceAdvertisement,
  family: Family,
  environment: Environment,
): readonly [string, readonly Traced<Rule>[]] => [
  exportPolicy(family),
  exportRules(cluster, own.name, { blocks: [], services }, family, environment),
];

const sessionPolicies = (family: Family, kind: 'ibgp' | 'ebgp'): SessionPolicies => ({
  import: [],
  beforeExport: [],
  export: kind === 'ibgp' ? [] : [exportPolicy(family)],
  exportEnd: kind === 'ibgp' ? 'accept' : 'reject',
});

interface OwnReflector {
  readonly own: OwnNode;
  readonly listen: readonly Traced<ListenConfig>[];
  readonly problems: Derived['problems'];
}

/** Without a cluster id of its own the router id serves as one. */
function ownOfNode(
  cluster: Cluster,
  name: string,
  environment: Environment,
): OwnReflector | undefined {
  const view = cluster.nodes.find((node) => node.name === name);
  if (view === undefined) return undefined;
  const { own, problems } = readOwnNode(cluster, view, environment);
  const port = listenPortOf(cluster, name);
  const listen = FAMILIES.flatMap((family) => {
    const address = own.addresses[family]?.address;
    if (address === undefined) return [];
    const field = family === 'ipv4-unicast' ? 'spec.bgp.ipv4Address' : 'spec.bgp.ipv6Address';
    const origins = {
      '': from(view, field, 'a reflector listens on its own address'),
      '/port': port?.origin ?? builtIn("BGP's own port"),
    };
    return [{ value: { address, port: port?.value ?? 179 }, origins }];
  });
  return { own: withClusterId(own), listen, problems };
}

const withClusterId = new Memo<OwnNode, OwnNode>().under([], (own) => ({
  ...own,
  clusterId: own.clusterId ?? own.routerId,
}));

const ownOfOptions = new Memo<ReflectorOptions, OwnReflector>().under([], readOptions);

function readOptions({ asn, routerId, clusterId, listen }: ReflectorOptions): OwnReflector {
  const origin = builtIn('command line');
  const addressOf = (family: Family): OwnNode['addresses'][Family] => {
    const six = family === 'ipv6-unicast';
    const at = listen.find(({ address }) => address.includes(':') === six);
    return at && { address: at.address, network: `${at.address}/${six ? 128 : 32}` };
  };
  const own: OwnNode = {
    name: '',
    labels: new Map(),
    addresses: {
      'ipv4-unicast': addressOf('ipv4-unicast'),
      'ipv6-unicast': addressOf('ipv6-unicast'),
    },
    asn: { value: asn, origin },
    routerId: { value: routerId, origin },
    clusterId: { value: clusterId ?? routerId, origin },
  };
  return { own, listen: listen.map((value) => ({ value, origins: { '': origin } })), problems: [] };
}

/**
 * A client that a BGPPeer describes as well gets the settings of that BGPPeer, but stays the same
 * peer: its session must not fall when the BGPPeer comes or goes.
 */
function withClients(
  explicit: readonly Peering[],
  clients: readonly Peering[],
): readonly Peering[] {
  const byKey = new Map(clients.map((client) => [peeringKey(client), client]));
  const described = explicit.map((peering): Peering => {
    const client = byKey.get(peeringKey(peering));
    return client === undefined ? peering : asClient(client)(peering);
  });
  return [...described, ...clients];
}

/** By the client and the peering that describes it. */
const asClient = new Memo<Peering, (peering: Peering) => Peering>().under([], ({ port }) =>
  new Memo<Peering, Peering>().under([], (peering) => ({ ...peering, type: 'Client', port })),
);

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

const peerings = new Memo<NodeView, readonly Peering[]>();

/** Nodes that `clients` matches; other reflectors are peers only where a BGPPeer says so. */
function clientPeerings(cluster: Cluster, own: OwnNode, clients: Selector): readonly Peering[] {
  const inputs = [own, cluster.global, ...cluster.nodeConfigurations.values()];
  const peeringsOf = peerings.under(inputs, (node) => peeringsWith(node, cluster, own));
  return gather(
    cluster.nodes.filter((node) => node.clusterId === undefined && clients.matches(node.labels)),
    peeringsOf,
  );
}

const peeringsWith = (node: NodeView, cluster: Cluster, own: OwnNode): readonly Peering[] =>
  FAMILIES.flatMap((family): readonly Peering[] => {
    const address = node.addresses[family]?.address;
    const ownAddress = own.addresses[family]?.address;
    if (address === undefined || ownAddress === undefined || address === ownAddress) return [];
    return [
      {
        type: 'Client',
        family,
        address,
        port: listenPortOf(cluster, node.name),
        asn: asnOf(cluster, node),
        passive: true,
        remoteClusterId: undefined,
        settings: { ...PLAIN_SETTINGS, useNodeIp: !ANY_ADDRESS.has(ownAddress) },
        origin: from(node, 'spec.bgp', 'client of the reflector'),
      },
    ];
  });
