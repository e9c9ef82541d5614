import type { Resource } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import { readResource } from '../datastore/resources/read.ts';
import type {
  BGPConfigurationView,
  BGPFilterView,
  BGPPeerView,
  BlockAffinityView,
  EndpointSliceView,
  IPPoolView,
  NodeView,
  SecretView,
  ServiceView,
  View,
  WorkloadEndpointStatusView,
} from '../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { builtIn, byText, from } from './trace.ts';
import type { Origin } from './types.ts';

/** The resources of a cluster, read and put in order. */
export interface Cluster {
  /** By name; where two have one address, only one of them still has it. */
  readonly nodes: readonly NodeView[];
  readonly global: BGPConfigurationView | undefined;
  readonly nodeConfigurations: ReadonlyMap<string, BGPConfigurationView>;
  readonly peers: readonly BGPPeerView[];
  readonly filters: ReadonlyMap<string, BGPFilterView>;
  /** By CIDR text, one for each CIDR. */
  readonly pools: readonly IPPoolView[];
  readonly affinities: readonly BlockAffinityView[];
  /** By `namespace/name`. */
  readonly secrets: ReadonlyMap<string, SecretView>;
  readonly services: readonly ServiceView[];
  /** By `namespace/name` of the Service. */
  readonly endpointSlices: ReadonlyMap<string, readonly EndpointSliceView[]>;
  readonly workloads: readonly WorkloadEndpointStatusView[];
  readonly problems: readonly Problem[];
}

/** A value with the place it was taken from. */
export interface Given<T> {
  readonly value: T;
  readonly origin: Origin;
}

const DEFAULT_ASN = 64_512;

/** Reads every resource; `ownName` keeps its address even where another node has the same. */
export function readCluster(resources: Iterable<Resource>, ownName: string): Cluster {
  const { views, problems } = readAll(resources);
  const configurations = ofKind(views, 'BGPConfiguration');
  const nodes = withUniqueAddresses(ofKind(views, 'Node'), ownName);
  const pools = withUniqueCidrs(ofKind(views, 'IPPool'));
  return {
    nodes: nodes.kept,
    global: configurations.find(({ name }) => name === 'default'),
    nodeConfigurations: new Map(
      configurations.flatMap((at) => (at.name === 'default' ? [] : [[at.name.slice(5), at]])),
    ),
    peers: ofKind(views, 'BGPPeer'),
    filters: new Map(ofKind(views, 'BGPFilter').map((at) => [at.name, at])),
    pools: pools.kept,
    affinities: ofKind(views, 'BlockAffinity'),
    secrets: new Map(ofKind(views, 'Secret').map((at) => [`${at.namespace}/${at.name}`, at])),
    services: ofKind(views, 'Service'),
    endpointSlices: byService(ofKind(views, 'EndpointSlice')),
    workloads: ofKind(views, 'WorkloadEndpointStatus'),
    problems: [...problems, ...nodes.problems, ...pools.problems],
  };
}

/** A node's AS number: its own, else the cluster's. */
export function asnOf(cluster: Cluster, node: NodeView | undefined): Given<number> {
  if (node?.asn !== undefined)
    return { value: node.asn, origin: from(node, 'spec.bgp.asNumber', 'AS number of the node') };
  const { global } = cluster;
  if (global?.asn !== undefined)
    return { value: global.asn, origin: from(global, 'spec.asNumber', 'AS number of the cluster') };
  return { value: DEFAULT_ASN, origin: builtIn('default AS number') };
}

/** The port that a node listens on if one is configured: the node's own, else the cluster's. */
export function listenPortOf(cluster: Cluster, name: string): Given<number> | undefined {
  const configurations = [cluster.nodeConfigurations.get(name), cluster.global];
  for (const at of configurations)
    if (at?.listenPort !== undefined)
      return {
        value: at.listenPort,
        origin: from(at, 'spec.listenPort', 'port that nodes listen on'),
      };
  return undefined;
}

/** The node that has an address, if one does. */
export function nodeAt(cluster: Cluster, family: Family, address: string): NodeView | undefined {
  return cluster.nodes.find((node) => node.addresses[family]?.address === address);
}

type ViewsByKind = ReadonlyMap<View['kind'], readonly View[]>;

/** The views of each kind in order, and every problem. */
function readAll(resources: Iterable<Resource>): {
  readonly views: ViewsByKind;
  readonly problems: readonly Problem[];
} {
  const readings = Array.from(resources, readResource).sort((a, b) => byText(a.key, b.key));
  const views = new Map<View['kind'], View[]>();
  const problems: Problem[] = [];
  for (const { view, problems: found } of readings) {
    if (found.length > 0) problems.push(...found);
    if (view === undefined) continue;
    const alike = views.get(view.kind);
    if (alike === undefined) views.set(view.kind, [view]);
    else alike.push(view);
  }
  return { views, problems };
}

const ofKind = <K extends View['kind']>(
  views: ViewsByKind,
  kind: K,
): readonly Extract<View, { kind: K }>[] =>
  (views.get(kind) ?? []) as readonly Extract<View, { kind: K }>[];

function byService(slices: readonly EndpointSliceView[]): Cluster['endpointSlices'] {
  const groups = new Map<string, EndpointSliceView[]>();
  for (const slice of slices) {
    const key = `${slice.namespace}/${slice.service}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [slice]);
    else group.push(slice);
  }
  return groups;
}

interface Unique<T> {
  readonly kept: readonly T[];
  readonly problems: readonly Problem[];
}

function withUniqueAddresses(nodes: readonly NodeView[], ownName: string): Unique<NodeView> {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  const kept = nodes.map((node) => {
    let result = node;
    for (const family of FAMILIES) {
      const address = node.addresses[family]?.address;
      if (address === undefined) continue;
      const owner = owners.get(address);
      if (owner === undefined) owners.set(address, node.name);
      else {
        problems.push(sharedAddress(node.name, owner, address, ownName));
        if (node.name !== ownName)
          result = { ...result, addresses: { ...result.addresses, [family]: undefined } };
      }
    }
    return result;
  });
  return { kept, problems };
}

function sharedAddress(name: string, owner: string, address: string, ownName: string): Problem {
  const used = name === ownName ? 'nobody else peers with this node' : `${owner} is used`;
  return {
    code: 'duplicate-address',
    severity: 'error',
    where: `Node ${name}`,
    message: `nodes ${owner} and ${name} have the same address ${address}; ${used}`,
    cure: `Give ${name} or ${owner} another address`,
  };
}

function withUniqueCidrs(pools: readonly IPPoolView[]): Unique<IPPoolView> {
  const problems: Problem[] = [];
  const byCidr = new Map<string, IPPoolView>();
  for (const pool of pools) {
    const first = byCidr.get(pool.cidr);
    if (first === undefined) byCidr.set(pool.cidr, pool);
    else
      problems.push({
        code: 'duplicate-cidr',
        severity: 'error',
        where: `IPPool ${pool.name}, spec.cidr`,
        message: `${pool.cidr} is the CIDR of IPPool ${first.name} already, which is used`,
        cure: `Delete one of ${first.name} and ${pool.name}`,
      });
  }
  return { kept: [...byCidr.values()].sort((a, b) => byText(a.cidr, b.cidr)), problems };
}
