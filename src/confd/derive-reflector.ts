import type { ListenConfig } from '../config/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { Selector } from '../datastore/selector.ts';
import type { Derived, Environment } from './types.ts';

/** Who a standalone reflector is: a Node of the datastore, or what the command line says. */
export type ReflectorIdentity =
  | { readonly node: string }
  | {
      readonly asn: number;
      readonly routerId: string;
      /** The router id when absent. */
      readonly clusterId?: string | undefined;
      readonly listen: readonly ListenConfig[];
    };

/**
 * The configuration of a standalone route reflector: no FIB, every Node that `clients` matches is a
 * passive client, BGPPeers that name the reflector's Node are derived as for a node.
 */
export function deriveReflector(
  resources: Iterable<Resource>,
  identity: ReflectorIdentity,
  clients: Selector,
  environment: Environment,
): Derived {
  void [...resources, identity, clients, environment];
  return {
    config: undefined,
    held: [],
    logLevel: 'info',
    provenance: new Map(),
    problems: [],
    needs: [],
  };
}
