import type { Resource } from '../datastore/datastore.ts';
import type { Derived, Environment } from './types.ts';

/**
 * The configuration that Calico's resources give a node, as confd and its templates would: pure,
 * total, and the same for the same objects in any order.
 */
export function derive(
  resources: Iterable<Resource>,
  nodeName: string,
  environment: Environment,
): Derived {
  void [...resources, nodeName, environment];
  return {
    config: undefined,
    held: [],
    logLevel: 'info',
    provenance: new Map(),
    problems: [],
    needs: [],
  };
}
