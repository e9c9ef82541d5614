import type { BfdRequest, BGPPeerView, SecretKeyRef } from '../datastore/resources/views.ts';
import type { Family } from '../net/family.ts';
import type { Given } from './cluster.ts';
import type { Origins } from './trace.ts';
import type { Origin } from './types.ts';

/** One session to be configured, before the rules that all sessions share. */
export interface Peering {
  /** First part of the name; `calicoctl node status` and the readiness probe read it. */
  readonly type: 'Mesh' | 'Global' | 'Node' | 'Client' | 'Local_Workload';
  readonly family: Family;
  readonly address: string;
  /** Undefined for 179 where nobody wrote a port. */
  readonly port: Given<number> | undefined;
  readonly asn: Given<number>;
  readonly passive: boolean;
  /** The remote node's cluster id, if it is a reflector. */
  readonly remoteClusterId: string | undefined;
  readonly settings: PeeringSettings;
  /** What made the peering. */
  readonly origin: Origin;
}

/** What a BGPPeer, or BGPConfiguration for the mesh, says about a session. */
export interface PeeringSettings {
  readonly localAsn: number | undefined;
  readonly allowOwnAs: number;
  readonly useNodeIp: boolean;
  readonly restartTime: number | undefined;
  readonly keepaliveTime: number | undefined;
  readonly holdTime: number | undefined;
  readonly connectRetryTime: number | undefined;
  readonly bfd: BfdRequest | undefined;
  readonly ttlSecurity: number | undefined;
  readonly nextHopMode: BGPPeerView['nextHopMode'];
  readonly keepOriginalNextHop: boolean;
  readonly password: SecretKeyRef | undefined;
  readonly reachableBy: string | undefined;
  readonly filters: readonly string[];
  /** Origins of these settings by the pointer of the peer's field that they end in. */
  readonly origins: Origins;
}

/** What identifies a peering: the port counts unless it is BGP's own. */
export const peeringKey = ({ address, port }: Pick<Peering, 'address' | 'port'>): string =>
  port === undefined || port.value === 179 ? address : `${address}-${port.value}`;

/** `Global_10_0_0_1_port_1790`: unique among the peers of a node. */
export function peeringName({ type, address, port }: Peering): string {
  const base = `${type}_${address.replaceAll(/[.:]/g, '_')}`;
  return port === undefined || type === 'Mesh' ? base : `${base}_port_${port.value}`;
}

/** Settings of a session that no object says anything about. */
export const PLAIN_SETTINGS: PeeringSettings = {
  localAsn: undefined,
  allowOwnAs: 0,
  useNodeIp: true,
  restartTime: undefined,
  keepaliveTime: undefined,
  holdTime: undefined,
  connectRetryTime: undefined,
  bfd: undefined,
  ttlSecurity: undefined,
  nextHopMode: undefined,
  keepOriginalNextHop: false,
  password: undefined,
  reachableBy: undefined,
  filters: [],
  origins: {},
};
