import type { BGPPeerView, NodeView, PeerForm } from '../datastore/resources/views.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { annotatedSettings } from './annotated-settings.ts';
import { asnOf, type Cluster, type Given, listenPortOf, nodeAt } from './cluster.ts';
import { gather } from './gather.ts';
import { Memo } from './memo.ts';
import type { OwnNode } from './own-node.ts';
import { type Peering, type PeeringSettings, PLAIN_SETTINGS, peeringKey } from './peering.ts';
import { from, type Origins } from './trace.ts';

type IpForm = Extract<PeerForm, { type: 'ip' }>;

/**
 * The own node's peerings that BGPPeers describe: global ones, then those of single nodes, then the
 * other ends of both. Within a pass BGPPeers go by name, and the first peering of a key stands.
 */
export function explicitPeerings(cluster: Cluster, own: OwnNode): readonly Peering[] {
  const peerings = new Map<string, Peering>();
  for (const peering of candidates(cluster, own)) {
    const key = peeringKey(peering);
    if (!peerings.has(key)) peerings.set(key, peering);
  }
  return [...peerings.values()].filter(({ family, address }) => {
    const ownAddress = own.addresses[family]?.address;
    return ownAddress !== undefined && ownAddress !== address;
  });
}

/** None for a reflector that is no Node: a BGPPeer can only name Nodes. */
function* candidates(cluster: Cluster, own: OwnNode): Generator<Peering> {
  if (own.name === '') return;
  for (const peer of cluster.peers)
    if (peer.local === undefined) yield* forward(cluster, own, peer, 'Global');
  for (const peer of cluster.peers)
    if (peer.local !== undefined && isLocal(peer, own.name, own.labels))
      yield* forward(cluster, own, peer, 'Node');
  for (const peer of cluster.peers) if (peer.reversePeering) yield* reverse(cluster, own, peer);
}

/** Whether a BGPPeer describes peerings of this node. */
export function isLocal({ local }: BGPPeerView, name: string, labels: NodeView['labels']): boolean {
  if (local === undefined) return true;
  return 'node' in local ? local.node === name : local.selector.matches(labels);
}

function forward(
  cluster: Cluster,
  own: OwnNode,
  peer: BGPPeerView,
  type: 'Global' | 'Node',
): readonly Peering[] {
  switch (peer.form.type) {
    case 'ip':
      return byAddress(cluster, own, peer, peer.form, type);
    case 'selector': {
      const { selector } = peer.form;
      const nodes = cluster.nodes.filter(({ labels }) => selector.matches(labels));
      const ask = { peer, type, families: FAMILIES, rule: 'peerSelector' };
      return toNodes(cluster, nodes, ask, selected);
    }
    case 'workload':
      return byWorkload(cluster, peer, peer.form);
  }
}

/** The pods of this node that a BGPPeer selects. They dial; most settings do not apply to them. */
function byWorkload(
  { workloads }: Cluster,
  peer: BGPPeerView,
  { asn }: Extract<PeerForm, { type: 'workload' }>,
): readonly Peering[] {
  const { localAsn, filters } = peer;
  const localAsnOrigin = from(peer, 'spec.localASNumber', 'BGPPeer setting');
  const origins = localAsn === undefined ? {} : { '/localAsn': localAsnOrigin };
  const annotations = annotatedSettings(peer);
  const settings = {
    ...PLAIN_SETTINGS,
    ...annotations.settings,
    localAsn,
    filters,
    useNodeIp: false,
    origins: { ...origins, ...annotations.origins },
  };
  return workloads
    .filter(({ peerName }) => peerName === peer.name)
    .flatMap(({ name, addresses }) =>
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
            settings,
            origin: from(peer, 'spec.localWorkloadSelector', `selects workload ${name}`),
          },
        ];
      }),
    );
}

function byAddress(
  cluster: Cluster,
  own: OwnNode,
  peer: BGPPeerView,
  { family, address, port, asn }: IpForm,
  type: 'Global' | 'Node',
): readonly Peering[] {
  if (asn === undefined) return [];
  const node = nodeAt(cluster, family, address);
  const ownAddress = own.addresses[family]?.address ?? '';
  const written = from(peer, 'spec.peerIP', 'peerIP');
  const { localAsn, allowOwnAs } = peer;
  return [
    {
      type,
      family,
      address,
      port: port === undefined ? portOfNode(cluster, node, asn) : { value: port, origin: written },
      asn: { value: asn, origin: from(peer, 'spec.asNumber', 'AS number of the peer') },
      // Calico makes only global peers passive: a node-specific one has no certain other end.
      passive: type === 'Global' && node !== undefined && address > ownAddress,
      remoteClusterId: undefined,
      settings: { ...settingsOf(peer), localAsn, allowOwnAs },
      origin: written,
    },
  ];
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

/** What a BGPPeer says about peerings with nodes of the cluster. */
interface Ask {
  readonly peer: BGPPeerView;
  readonly type: 'Global' | 'Node';
  readonly families: readonly Family[];
  readonly rule: string;
}

type PeeringsOfPeers = Memo<BGPPeerView, Memo<NodeView, readonly Peering[]>>;

const selected: PeeringsOfPeers = new Memo();
const reversed: PeeringsOfPeers = new Memo();

/** Peerings with nodes of the cluster, one for each family of theirs. */
function toNodes(
  cluster: Cluster,
  nodes: readonly NodeView[],
  ask: Ask,
  known: PeeringsOfPeers,
): readonly Peering[] {
  const { global, nodeConfigurations } = cluster;
  const inputs = [global, ...nodeConfigurations.values()];
  const ofPeer = known.under([], () => new Memo())(ask.peer);
  const peeringsOf = ofPeer.under(inputs, (node) => toNode(cluster, node, ask));
  return gather(nodes, peeringsOf);
}

function toNode(
  cluster: Cluster,
  node: NodeView,
  { peer, type, families, rule }: Ask,
): readonly Peering[] {
  return families.flatMap((family) => {
    const address = node.addresses[family]?.address;
    if (address === undefined) return [];
    return [
      {
        type,
        family,
        address,
        port: listenPortOf(cluster, node.name),
        asn: asnOf(cluster, node),
        passive: false,
        remoteClusterId: node.clusterId,
        settings: settingsOf(peer),
        origin: from(peer, '', `${rule}: node ${node.name}`),
      },
    ];
  });
}

/** If the own node is the far end of a BGPPeer: peerings with the nodes at its near end. */
function reverse(cluster: Cluster, own: OwnNode, peer: BGPPeerView): readonly Peering[] {
  const families = reverseFamilies(cluster, own, peer.form);
  if (families.length === 0) return [];
  const nodes = cluster.nodes.filter(({ name, labels }) => isLocal(peer, name, labels));
  const ask: Ask = { peer, type: 'Node', families, rule: 'reverse peering' };
  return toNodes(cluster, nodes, ask, reversed);
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
function isOwn(cluster: Cluster, own: OwnNode, form: IpForm): boolean {
  const { family, address, port, asn = asnOf(cluster, undefined).value } = form;
  if (own.addresses[family]?.address !== address || own.asn.value !== asn) return false;
  const listens: Given<number> | undefined = listenPortOf(cluster, own.name);
  return port === undefined || listens === undefined || listens.value === port;
}

/** localASNumber and numAllowedLocalASNumbers count for the peerIP form only. */
function settingsOf(peer: BGPPeerView): PeeringSettings {
  const { useNodeIp, restartTime, keepaliveTime, ttlSecurity, nextHopMode } = peer;
  const { keepOriginalNextHop, password, reachableBy, filters } = peer;
  const annotations = annotatedSettings(peer);
  return {
    ...PLAIN_SETTINGS,
    useNodeIp,
    restartTime,
    keepaliveTime,
    ttlSecurity,
    nextHopMode,
    keepOriginalNextHop,
    password,
    reachableBy,
    filters,
    ...annotations.settings,
    origins: { ...originsOf(peer), ...annotations.origins },
  };
}

const FIELDS: Readonly<Record<string, string>> = {
  '/localAsn': 'localASNumber',
  '/allowOwnAs': 'numAllowedLocalASNumbers',
  '/localAddress': 'sourceAddress',
  '/gracefulRestart': 'maxRestartTime',
  '/keepaliveTime': 'keepaliveTime',
  '/ttlSecurity': 'ttlSecurity',
  '/password': 'password',
};

/** Of the fields that are written in the object. */
function originsOf(peer: BGPPeerView): Origins {
  const { spec } = peer.resource;
  const next = Object.hasOwn(spec, 'nextHopMode') ? 'nextHopMode' : 'keepOriginalNextHop';
  return Object.fromEntries(
    Object.entries({ ...FIELDS, '/nextHop': next }).flatMap(([pointer, field]) =>
      Object.hasOwn(spec, field) ? [[pointer, from(peer, `spec.${field}`, 'BGPPeer setting')]] : [],
    ),
  );
}
