import type { SpeakerConfig } from '../config/types.ts';
import type { Problem } from '../datastore/problem.ts';

/** The Calico release whose defaults are followed. */
export type Compat = 'v3.31' | 'v3.32' | 'v3.33';

/** What the derivation takes from the process's environment. */
export interface Environment {
  /** `CALICO_ROUTER_ID`: dotted quad, or `hash`; empty counts as unset. */
  readonly routerId?: string | undefined;
  /** `NAMESPACE`: where the Secrets of BGP passwords are; kube-system by default. */
  readonly secretNamespace?: string | undefined;
  /** v3.33 by default. */
  readonly compat?: Compat | undefined;
  /** `BGP_LOGSEVERITYSCREEN`: goes before logSeverityScreen; empty counts as unset. */
  readonly logSeverity?: string | undefined;
  /** `CALICO_ADVERTISE_CLUSTER_IPS`: one CIDR in place of serviceClusterIPs; empty counts as unset. */
  readonly advertiseClusterIps?: string | undefined;
  /** `CALICO_K8S_NODE_REF`: the node's name in EndpointSlices, its own name by default. */
  readonly kubernetesNodeName?: string | undefined;
  /** `USE_POD_CIDR`: host-local IPAM, where a Node's podCIDRs are its blocks. */
  readonly usePodCidr?: boolean | undefined;
  /**
   * What becomes of a peer whose password is asked for but not known: `connect` without it as Calico
   * does, the default, or `hold` it down.
   */
  readonly missingSecret?: 'hold' | 'connect' | undefined;
}

/** Where a value of the configuration comes from. */
export interface Origin {
  /** `kind/namespace/name`; undefined for a built-in value or one of the environment. */
  readonly resource: string | undefined;
  /** Path of the field in the resource, as `spec.asNumber`; empty for the object as a whole. */
  readonly field: string;
  /** The rule that made the value of it, in words. */
  readonly rule: string;
}

/**
 * Something the agent must also watch: one Secret, or a kind in all namespaces. The next derivation
 * sees it among the resources.
 */
export type Need =
  | { readonly kind: 'Secret'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Service' | 'EndpointSlice' };

/** A peer of the configuration that must be neither dialled nor accepted. */
export interface Hold {
  readonly peer: string;
  readonly reason: string;
}

export interface Derived {
  /** Undefined when the node is not in the datastore: whatever was in force stays. */
  readonly config: SpeakerConfig | undefined;
  /**
   * Peers to keep down although they are configured, by name: their password cannot be used, or is
   * not known and `missingSecret` is `hold`. One that is known stands in the configuration itself.
   */
  readonly held: readonly Hold[];
  /** `debug`, `info`, or `none` for anything less talkative, as Calico maps its log severities. */
  readonly logLevel: 'debug' | 'info' | 'none';
  /** JSON pointer into the configuration to where its value comes from; parents cover children. */
  readonly provenance: ReadonlyMap<string, Origin>;
  readonly problems: readonly Problem[];
  readonly needs: readonly Need[];
}
