import type { Environment } from '../../../src/confd/types.ts';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { derived } from '../cluster-of.ts';
import { type Evaluated, evaluator } from '../evaluate.ts';
import type { Route } from '../routes.ts';

const ROUTE: Route = {
  prefix: '10.1.0.0/26',
  source: 'static',
  interface: '',
  metric: 1024,
  localPref: undefined,
  nextHop: '10.0.0.1',
};

/** What node n1 announces of a route to iBGP (or eBGP) peers. */
export function announced(
  resources: readonly Resource[],
  route: Partial<Route>,
  kind: 'ibgp' | 'ebgp' = 'ibgp',
  environment: Environment = {},
): Evaluated {
  const { policies } = derived(resources, 'n1', environment).config;
  const family = route.prefix?.includes(':') ? 'v6' : 'v4';
  const names = [`calico_priority_${family}`, `calico_export_${family}`];
  return evaluator(names, policies, 'reject', kind)({ ...ROUTE, ...route });
}

/** What node n1 does with a route when it comes to the FIB. */
export function programmed(
  resources: readonly Resource[],
  route: Partial<Route>,
  environment: Environment = {},
): Evaluated {
  const { policies } = derived(resources, 'n1', environment).config;
  return evaluator(['calico_kernel'], policies, 'accept', 'ibgp')({ ...ROUTE, ...route });
}
