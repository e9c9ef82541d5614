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

/** Something the agent must also watch; the next derivation sees it among the resources. */
export interface Need {
  readonly kind: 'Secret';
  readonly namespace: string;
  readonly name: string;
}

/** A peer of the configuration that must be neither dialled nor accepted. */
export interface Hold {
  readonly peer: string;
  readonly reason: string;
}

export interface Derived {
  /** Undefined when the node is not in the datastore: whatever was in force stays. */
  readonly config: SpeakerConfig | undefined;
  /**
   * Peers to keep down although they are configured, by name: their password is asked for but not
   * known. A password or TTL security that is known stands in the configuration itself.
   */
  readonly held: readonly Hold[];
  /** `debug`, `info`, or `none` for anything less talkative, as Calico maps its log severities. */
  readonly logLevel: 'debug' | 'info' | 'none';
  /** JSON pointer into the configuration to where its value comes from; parents cover children. */
  readonly provenance: ReadonlyMap<string, Origin>;
  readonly problems: readonly Problem[];
  readonly needs: readonly Need[];
}
