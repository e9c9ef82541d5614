import type { ListenConfig, Rule } from '../config/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { NodeView } from '../datastore/resources/views.ts';
import type { Selector } from '../datastore/selector.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { asnOf, type Cluster, listenPortOf } from './cluster.ts';
import { ClusterReader } from './cluster-reader.ts';
import { Last } from './last.ts';
import { logLevelOf } from './log-level.ts';
import { type OwnNode, OwnNodeReader, type OwnReading } from './own-node.ts';
import type { SessionPolicies } from './peer-config.ts';
import { peerProblems } from './peer-problems.ts';
import { type Peering, type PeeringSettings, PLAIN_SETTINGS } from './peering.ts';
import type { PeeringSource } from './peering-source.ts';
import { exportRules } from './policies/export.ts';
import { filterPolicies } from './policies/filter.ts';
import { exportPolicy } from './policies/names.ts';
import { type Parts, ResultKeeper, withoutConfig } from './result.ts';
import { reflectorAdvertisement, type ServiceAdvertisement } from './services/advertisement.ts';
import { SessionKeeper, type Sessions } from './sessions.ts';
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
export const deriveReflector = (
  resources: Iterable<Resource>,
  identity: ReflectorIdentity,
  clients: Selector,
  environment: Environment,
): Derived => new ReflectorDerivation(identity, clients, environment).derive(resources);

/** The same again and again: as `NodeDerivation` it costs what changed. */
export class ReflectorDerivation {
  readonly #name: string;
  readonly #identity: ReflectorIdentity;
  readonly #clients: Selector;
  readonly #environment: Environment;
  readonly #reader: ClusterReader;
  readonly #node: OwnNodeReader;
  readonly #own = new Last<OwnReflector>();
  readonly #sessions: SessionKeeper;
  readonly #services = new Last<ServiceAdvertisement>();
  readonly #policies = new Last<Parts['policies']>();
  readonly #result = new ResultKeeper();

  constructor(identity: ReflectorIdentity, clients: Selector, environment: Environment) {
    this.#name = 'node' in identity ? identity.node : '';
    this.#identity = identity;
    this.#clients = clients;
    this.#environment = environment;
    this.#reader = new ClusterReader(this.#name);
    this.#node = new OwnNodeReader(environment);
    this.#sessions = new SessionKeeper(environment, sessionPolicies);
  }

  derive(resources: Iterable<Resource>): Derived {
    const cluster = this.#reader.read(resources);
    const reflector = this.#ownOf(cluster);
    if (reflector === undefined) return withoutConfig(cluster, this.#name);
    const { own, listen, problems } = reflector;
    const services = this.#services.of([cluster.global], () =>
      reflectorAdvertisement(cluster, this.#environment),
    );
    const sessions = this.#sessions.of(cluster, own, clientSources(cluster, own, this.#clients));
    return this.#result.of({
      own,
      listen,
      kernel: undefined,
      networks: NO_NETWORKS,
      policies: this.#policiesOf(cluster, own, services, sessions),
      sessions,
      logLevel: logLevelOf(cluster, this.#name, this.#environment),
      needs: services.needs,
      problems: [cluster.problems, problems, services.problems, peerProblems(cluster, own)],
    });
  }

  #ownOf(cluster: Cluster): OwnReflector | undefined {
    const { own: view, global, nodeConfigurations } = cluster;
    const identity = this.#identity;
    if (!('node' in identity)) return this.#own.of([], () => readOptions(identity));
    if (view === undefined) return undefined;
    const reading = this.#node.of(cluster, view);
    return this.#own.of([view, global, nodeConfigurations], () =>
      reflectorOf(cluster, view, reading),
    );
  }

  #policiesOf(
    cluster: Cluster,
    own: OwnNode,
    services: ServiceAdvertisement,
    { policies: used }: Sessions,
  ): Parts['policies'] {
    const { global, nodeConfigurations, pools, filters } = cluster;
    const inputs = [own, services, used, global, nodeConfigurations, pools, filters];
    return this.#policies.of(inputs, () => {
      const families = FAMILIES.filter((family) => used.has(exportPolicy(family)));
      return new Map([
        ...families.map((family) =>
          exportPolicyOf(cluster, own, services, family, this.#environment),
        ),
        ...filterPolicies(cluster, used),
      ]);
    });
  }
}

const NO_NETWORKS: Parts['networks'] = [];

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

function reflectorOf(
  cluster: Cluster,
  view: NodeView,
  { own, problems }: OwnReading,
): OwnReflector {
  const port = listenPortOf(cluster, own.name);
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
  // Without a cluster id of its own the router id serves as one.
  return { own: { ...own, clusterId: own.clusterId ?? own.routerId }, listen, problems };
}

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

const FROM_ANY_ADDRESS: PeeringSettings = { ...PLAIN_SETTINGS, useNodeIp: false };

const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Nodes that `clients` matches; other reflectors are peers only where a BGPPeer says so. */
function clientSources(
  cluster: Cluster,
  own: OwnNode,
  clients: Selector,
): readonly PeeringSource<NodeView>[] {
  const { nodes, global, nodeConfigurations } = cluster;
  const isClient = ({ clusterId, labels }: NodeView): boolean =>
    clusterId === undefined && clients.matches(labels);
  return [
    {
      order: '4 clients',
      items: nodes,
      inputs: [own.addresses, global, nodeConfigurations],
      peeringsOf: (node) => (isClient(node) ? peeringsWith(node, cluster, own) : []),
    },
  ];
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
        settings: ANY_ADDRESS.has(ownAddress) ? FROM_ANY_ADDRESS : PLAIN_SETTINGS,
        origin: from(node, 'spec.bgp', 'client of the reflector'),
      },
    ];
  });
