import { keyOf } from '../datastore/datastore.ts';
import type {
  BGPPeerView,
  NodeView,
  PeerForm,
  View,
  WorkloadEndpointStatusView,
} from '../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { asnOf, type Cluster, type Given, listenPortOf } from './cluster.ts';
import { Last, once } from './last.ts';
import type { OwnNode } from './own-node.ts';
import { settingsOf, workloadSettingsOf } from './peer-settings.ts';
import type { Peering } from './peering.ts';
import type { PeeringSource } from './peering-source.ts';
import { from } from './trace.ts';

type Form<Type extends PeerForm['type']> = Extract<PeerForm, { type: Type }>;

/** What a BGPPeer asks of the own node. */
interface Ask {
  /** In the order in which they count: of all nodes, of this one, of this one as the far end. */
  readonly pass: '0 global' | '1 node' | '2 reverse';
  readonly peer: BGPPeerView;
  /** Of the other ends, where they are nodes. */
  readonly families: readonly Family[];
}

/**
 * The own node's peerings that BGPPeers describe: global ones, then those of single nodes, then the
 * other ends of both; within a pass BGPPeers go by name.
 */
export class ExplicitPeerings {
  readonly #asks = new Last<readonly Ask[]>();

  /** None for a reflector that is no Node: a BGPPeer can only name Nodes. */
  sources(cluster: Cluster, own: OwnNode): readonly PeeringSource[] {
    if (own.name === '') return [];
    const { peers, global, nodeConfigurations } = cluster;
    const asks = this.#asks.of([peers, own, global, nodeConfigurations], () =>
      peers.flatMap((peer) => asksOf(cluster, own, peer)),
    );
    return asks.map((ask) => sourceOf(cluster, own, ask));
  }
}

function asksOf(cluster: Cluster, own: OwnNode, peer: BGPPeerView): readonly Ask[] {
  const asks: Ask[] = [];
  const pass = peer.local === undefined ? '0 global' : '1 node';
  if (isLocal(peer, own.name, own.labels)) asks.push({ pass, peer, families: FAMILIES });
  const families = peer.reversePeering ? reverseFamilies(cluster, own, peer.form) : [];
  if (families.length > 0) asks.push({ pass: '2 reverse', peer, families });
  return asks;
}

/** Whether a BGPPeer describes peerings of this node. */
export function isLocal({ local }: BGPPeerView, name: string, labels: NodeView['labels']): boolean {
  if (local === undefined) return true;
  return 'node' in local ? local.node === name : local.selector.matches(labels);
}

function sourceOf(cluster: Cluster, own: OwnNode, ask: Ask): PeeringSource {
  const { items, inputs = [], peeringsOf } = partsOf(cluster, own, ask);
  const { global, nodeConfigurations } = cluster;
  return {
    order: `${ask.pass} ${keyOf(ask.peer.resource)}`,
    items,
    inputs: [ask.peer, own.addresses, global, nodeConfigurations, ...inputs],
    peeringsOf: (item) =>
      peeringsOf(item).filter(({ family, address }) => {
        const ownAddress = own.addresses[family]?.address;
        return ownAddress !== undefined && ownAddress !== address;
      }),
  };
}

interface Parts<Item extends View = View> {
  readonly items: readonly Item[];
  readonly inputs?: readonly unknown[];
  peeringsOf(item: Item): readonly Peering[];
}

function partsOf(cluster: Cluster, own: OwnNode, ask: Ask): Parts {
  const { form } = ask.peer;
  if (ask.pass === '2 reverse') return toNearEnds(cluster, ask);
  switch (form.type) {
    case 'ip':
      return byAddress(cluster, own, ask, form);
    case 'selector':
      return toSelected(cluster, ask, form);
    case 'workload':
      return toWorkloads(cluster, ask, form);
  }
}

/** The pods of this node that a BGPPeer selects. */
function toWorkloads(
  { workloads }: Cluster,
  { peer }: Ask,
  { asn }: Form<'workload'>,
): Parts<WorkloadEndpointStatusView> {
  const settings = once(() => workloadSettingsOf(peer));
  return {
    items: workloads.filter(({ peerName }) => peerName === peer.name),
    peeringsOf: ({ name, addresses }) =>
      FAMILIES.flatMap((family): readonly Peering[] => {
        const address = addresses[family];
        if (address === undefined) return [];
        return [
          {
            type: 'Local_Workload',
            family,
            address,
            port: undefined,
            asn: { value: asn, origin: from(peer, 'spec.asNumber', 'AS number of the workload') },
            passive: true,
            remoteClusterId: undefined,
            settings: settings(),
            origin: from(peer, 'spec.localWorkloadSelector', `selects workload ${name}`),
          },
        ];
      }),
  };
}

function byAddress(
  cluster: Cluster,
  own: OwnNode,
  { peer, pass }: Ask,
  { family, address, port, asn }: Form<'ip'>,
): Parts<BGPPeerView> {
  const node = cluster.nodeAt(address);
  const ownAddress = own.addresses[family]?.address ?? '';
  const written = from(peer, 'spec.peerIP', 'peerIP');
  const { localAsn, allowOwnAs } = peer;
  const isGlobal = pass === '0 global';
  return {
    items: [peer],
    inputs: [node],
    peeringsOf: () => {
      if (asn === undefined) return [];
      const nodePort = portOfNode(cluster, node, asn);
      return [
        {
          type: isGlobal ? 'Global' : 'Node',
          family,
          address,
          port: port === undefined ? nodePort : { value: port, origin: written },
          asn: { value: asn, origin: from(peer, 'spec.asNumber', 'AS number of the peer') },
          // Calico makes only global peers passive: a node-specific one has no certain other end.
          passive: isGlobal && node !== undefined && address > ownAddress,
          remoteClusterId: undefined,
          settings: { ...settingsOf(peer), localAsn, allowOwnAs },
          origin: written,
        },
      ];
    },
  };
}

/** Where a Calico node listens, if the peer is one and has the AS number that is expected of it. */
function portOfNode(
  cluster: Cluster,
  node: NodeView | undefined,
  asn: number,
): Given<number> | undefined {
  if (node === undefined || asnOf(cluster, node).value !== asn) return undefined;
  return listenPortOf(cluster, node.name);
}

function toSelected(cluster: Cluster, ask: Ask, { selector }: Form<'selector'>): Parts<NodeView> {
  const toNode = nodePeerings(cluster, ask, 'peerSelector');
  return {
    items: cluster.nodes,
    peeringsOf: (node) => (selector.matches(node.labels) ? toNode(node) : []),
  };
}

/** The own node is the far end of a BGPPeer: peerings with the nodes at its near end. */
function toNearEnds(cluster: Cluster, ask: Ask): Parts<NodeView> {
  const { peer } = ask;
  const toNode = nodePeerings(cluster, ask, 'reverse peering');
  return {
    items: cluster.nodes,
    peeringsOf: (node) => (isLocal(peer, node.name, node.labels) ? toNode(node) : []),
  };
}

/** Peerings with a node of the cluster, one for each family of its. */
function nodePeerings(
  cluster: Cluster,
  { peer, pass, families }: Ask,
  rule: string,
): (node: NodeView) => readonly Peering[] {
  const settings = once(() => settingsOf(peer));
  return (node) =>
    families.flatMap((family): readonly Peering[] => {
      const address = node.addresses[family]?.address;
      if (address === undefined) return [];
      return [
        {
          type: pass === '0 global' ? 'Global' : 'Node',
          family,
          address,
          port: listenPortOf(cluster, node.name),
          asn: asnOf(cluster, node),
          passive: false,
          remoteClusterId: node.clusterId,
          settings: settings(),
          origin: from(peer, '', `${rule}: node ${node.name}`),
        },
      ];
    });
}

function reverseFamilies(cluster: Cluster, own: OwnNode, form: PeerForm): readonly Family[] {
  switch (form.type) {
    case 'selector':
      return form.selector.matches(own.labels) ? FAMILIES : [];
    case 'ip':
      return isOwn(cluster, own, form) ? [form.family] : [];
    case 'workload':
      return [];
  }
}

/** Without any configured port, whatever port the BGPPeer names is taken for ours. */
function isOwn(cluster: Cluster, own: OwnNode, form: Form<'ip'>): boolean {
  const { family, address, port, asn = asnOf(cluster, undefined).value } = form;
  if (own.addresses[family]?.address !== address || own.asn.value !== asn) return false;
  const listens: Given<number> | undefined = listenPortOf(cluster, own.name);
  return port === undefined || listens === undefined || listens.value === port;
}
