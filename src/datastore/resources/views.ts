import type { Family } from '../../net/family.ts';
import type { Resource } from '../datastore.ts';
import type { Selector } from '../selector.ts';

interface ViewBase {
  readonly name: string;
  /** The object that the view was read from. */
  readonly resource: Resource;
}

/** A BGP address of a node: canonical address and the network it stands in. */
export interface NodeAddress {
  readonly address: string;
  readonly network: string;
}

/** A Node, from a Calico v3 Node or from a core/v1 Node and its annotations. */
export interface NodeView extends ViewBase {
  readonly kind: 'Node';
  readonly labels: ReadonlyMap<string, string>;
  readonly asn: number | undefined;
  readonly addresses: Readonly<Record<Family, NodeAddress | undefined>>;
  /** Makes the node a route reflector; dotted quad. */
  readonly clusterId: string | undefined;
  /** Canonical addresses of the WireGuard interface, if the node has one. */
  readonly wireguard: WireguardAddresses;
  /** With host-local IPAM: the blocks of the node and, computed of them, the same addresses. */
  readonly hostLocal: {
    readonly podCidrs: readonly Cidr[];
    readonly wireguard: WireguardAddresses;
  };
}

export type WireguardAddresses = Readonly<Record<Family, string | undefined>>;

export interface Cidr {
  readonly family: Family;
  /** Canonical and masked. */
  readonly text: string;
}

export interface IPPoolView extends ViewBase {
  readonly kind: 'IPPool';
  readonly family: Family;
  /** Canonical and masked. */
  readonly cidr: string;
  readonly ipip: 'always' | 'cross-subnet' | 'never';
  readonly vxlan: 'always' | 'cross-subnet' | 'never';
  readonly disableBGPExport: boolean;
}

export type ProgramClusterRoutes =
  | 'Enabled'
  | 'Disabled'
  | 'EnabledIPIPOnly'
  | 'EnabledNoEncapOnly';

export interface SecretKeyRef {
  readonly name: string;
  readonly key: string;
}

export interface PrefixAdvertisement {
  readonly family: Family;
  readonly cidr: string;
  /** Literal `a:b` or `a:b:c`, or names of the same object's `communities`. */
  readonly communities: readonly string[];
}

/** BFD as an annotation asks for it. */
export interface BfdRequest {
  /** Milliseconds; undefined: the usual ones. */
  readonly intervals:
    | { readonly minTx: number; readonly minRx: number; readonly multiplier: number }
    | undefined;
  /** Undefined where it was not said. */
  readonly multihop: boolean | undefined;
  readonly strict: boolean;
}

/** What annotations say about sessions; times are whole seconds. */
export interface SessionAnnotations {
  /** BGPFilters of the mesh, in order; a BGPPeer has a field for them. */
  readonly filters: readonly string[] | undefined;
  readonly bfd: BfdRequest | undefined;
  readonly holdTime: number | undefined;
  readonly keepaliveTime: number | undefined;
  readonly connectRetryTime: number | undefined;
}

export interface BGPConfigurationView extends ViewBase {
  readonly kind: 'BGPConfiguration';
  /** Of the mesh's sessions. */
  readonly annotated: SessionAnnotations | undefined;
  readonly logSeverity: string | undefined;
  readonly meshEnabled: boolean | undefined;
  readonly asn: number | undefined;
  readonly listenPort: number | undefined;
  readonly bindMode: 'None' | 'NodeIP' | undefined;
  readonly ignoredInterfaces: readonly string[];
  readonly meshPassword: SecretKeyRef | undefined;
  /** Whole seconds. */
  readonly meshRestartTime: number | undefined;
  readonly programClusterRoutes: ProgramClusterRoutes | undefined;
  readonly normalRoutePriority: Readonly<Record<Family, number | undefined>>;
  readonly communities: ReadonlyMap<string, string>;
  /** Undefined when the field is absent: a node's empty list hides the global one. */
  readonly prefixAdvertisements: readonly PrefixAdvertisement[] | undefined;
  readonly serviceClusterIps: readonly Cidr[];
  readonly serviceExternalIps: readonly Cidr[];
  readonly serviceLoadBalancerIps: readonly Cidr[];
  readonly aggregatesLoadBalancerIps: boolean;
}

/** The remote end of a BGPPeer. */
export type PeerForm =
  | {
      readonly type: 'ip';
      readonly family: Family;
      readonly address: string;
      readonly port: number | undefined;
      /** Undefined leaves out the peering itself; its other end takes it for the cluster's AS. */
      readonly asn: number | undefined;
    }
  | { readonly type: 'selector'; readonly selector: Selector }
  | { readonly type: 'workload'; readonly selector: Selector; readonly asn: number };

export interface BGPPeerView extends ViewBase {
  readonly kind: 'BGPPeer';
  /** Which nodes have the peering; undefined means all (a global peering). */
  readonly local: { readonly node: string } | { readonly selector: Selector } | undefined;
  readonly form: PeerForm;
  readonly localAsn: number | undefined;
  readonly nextHopMode: 'Auto' | 'Self' | 'Keep' | undefined;
  readonly keepOriginalNextHop: boolean;
  readonly password: SecretKeyRef | undefined;
  readonly useNodeIp: boolean;
  /** Whole seconds. */
  readonly restartTime: number | undefined;
  /** Whole seconds, undefined for a third of the negotiated hold time. */
  readonly keepaliveTime: number | undefined;
  readonly annotated: SessionAnnotations | undefined;
  readonly allowOwnAs: number;
  /** Hops, undefined when off. */
  readonly ttlSecurity: number | undefined;
  /** Canonical address of the gateway that leads to the peer. */
  readonly reachableBy: string | undefined;
  readonly filters: readonly string[];
  readonly reversePeering: boolean;
}

export interface BlockAffinityView extends ViewBase {
  readonly kind: 'BlockAffinity';
  readonly node: string;
  readonly family: Family;
  /** Canonical and masked. */
  readonly cidr: string;
  readonly state: 'confirmed' | 'pending' | 'pendingDeletion';
}

/** One change that an accepting rule makes to a route. */
export type FilterOperation =
  | { readonly addCommunity: string }
  | { readonly prependAsPath: readonly number[] }
  | { readonly setPriority: number };

/** A rule of a BGPFilter: all conditions must hold, absent ones do. */
export interface FilterRule {
  readonly action: 'Accept' | 'Reject';
  readonly prefix:
    | {
        readonly operator: 'Equal' | 'NotEqual' | 'In' | 'NotIn';
        readonly cidr: string;
        /** Prefix lengths that count as within, for In and NotIn. */
        readonly least: number;
        readonly most: number;
      }
    | undefined;
  readonly fromPeers: boolean;
  readonly interface: string | undefined;
  readonly peerType: 'eBGP' | 'iBGP' | undefined;
  readonly community: string | undefined;
  readonly asPathPrefix: readonly number[] | undefined;
  /** Route priority: 2147483647 - LOCAL_PREF. */
  readonly priority: number | undefined;
  /** In the order in which they are done. */
  readonly operations: readonly FilterOperation[];
}

export interface BGPFilterView extends ViewBase {
  readonly kind: 'BGPFilter';
  readonly rules: Readonly<
    Record<'import' | 'export', Readonly<Record<Family, readonly FilterRule[]>>>
  >;
}

export type StatusClass = 'Agent' | 'BGP' | 'Routes';

/** Somebody wants to be told the status of a node. */
export interface CalicoNodeStatusView extends ViewBase {
  readonly kind: 'CalicoNodeStatus';
  readonly node: string;
  /** Of what, at least one. */
  readonly classes: readonly StatusClass[];
  /** Seconds between two looks; 0 for only one. */
  readonly period: number;
}

export interface SecretView extends ViewBase {
  readonly kind: 'Secret';
  readonly namespace: string;
  /** Decoded values. */
  readonly data: ReadonlyMap<string, string>;
}

/** What of a core/v1 Service concerns its advertisement; addresses are canonical. */
export interface ServiceView extends ViewBase {
  readonly kind: 'Service';
  readonly namespace: string;
  readonly type: string;
  /** Empty for a headless Service. */
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly loadBalancerIp: string | undefined;
  /** Addresses that the load balancer really has. */
  readonly ingressIps: readonly string[];
  readonly trafficPolicy: 'Cluster' | 'Local' | undefined;
  readonly families: readonly Family[];
}

export interface EndpointSliceView extends ViewBase {
  readonly kind: 'EndpointSlice';
  readonly namespace: string;
  /** The Service that it belongs to. */
  readonly service: string;
  /** Undefined for host names. */
  readonly family: Family | undefined;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  /** Unknown readiness counts as ready. */
  readonly ready: boolean;
  readonly nodeName: string | undefined;
}

/** A workload of this node that a BGPPeer selects, as Felix writes it into a file. */
export interface WorkloadEndpointStatusView extends ViewBase {
  readonly kind: 'WorkloadEndpointStatus';
  /** The BGPPeer's name. */
  readonly peerName: string;
  /** Canonical. */
  readonly addresses: Readonly<Record<Family, string | undefined>>;
}

export type View =
  | NodeView
  | IPPoolView
  | BGPConfigurationView
  | BGPPeerView
  | BGPFilterView
  | BlockAffinityView
  | CalicoNodeStatusView
  | SecretView
  | ServiceView
  | EndpointSliceView
  | WorkloadEndpointStatusView;
