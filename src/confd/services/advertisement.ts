import type { Problem } from '../../datastore/problem.ts';
import type { Cluster } from '../cluster.ts';
import { isSinceV333 } from '../compat.ts';
import type { OwnNode } from '../own-node.ts';
import type { Named } from '../policies/rule.ts';
import { byText } from '../trace.ts';
import type { Environment, Need } from '../types.ts';
import { holds, type ServiceRange, type ServiceRanges, serviceRanges } from './ranges.ts';
import { serviceRoutes } from './routes.ts';

/** What a node does about the addresses of Services. */
export interface ServiceAdvertisement {
  readonly originated: readonly Named[];
  /** Whatever lies in one of these is announced; nothing that is originated lies outside. */
  readonly announced: readonly Named[];
  /** Kept out of the FIB, however they come: kube-proxy does their work. */
  readonly unprogrammed: readonly Named[];
  /** Announced onwards by a reflector whoever originates them. */
  readonly reflected: readonly Named[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** Kubernetes' own label: the node gets no traffic from outside for Services. */
const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** The advertisement of a node: ranges as a whole, and single addresses that have endpoints here. */
export function serviceAdvertisement(
  cluster: Cluster,
  own: OwnNode,
  environment: Environment,
): ServiceAdvertisement {
  const ranges = serviceRanges(cluster, environment);
  const { problems } = ranges;
  const whole = wholeRanges(ranges);
  const reflected = own.clusterId === undefined ? [] : reflectedRanges(ranges, environment);
  const unprogrammed = distinct(whole);
  if (own.labels.get(EXCLUDE_LABEL) === 'true')
    return { originated: [], announced: [], unprogrammed, reflected, needs: [], problems };
  const single = serviceRoutes(cluster, own.name, ranges, environment);
  const outside = single.filter(({ address }) => !holds(whole, address));
  return {
    originated: distinct([...whole, ...single]),
    announced: distinct([...whole, ...outside]),
    unprogrammed,
    reflected,
    needs: needsOf(ranges),
    problems,
  };
}

/** A standalone reflector originates nothing, and passes on to eBGP peers what nodes announce. */
export function reflectorAdvertisement(
  cluster: Cluster,
  environment: Environment,
): ServiceAdvertisement {
  const { problems, ...ranges } = serviceRanges(cluster, environment);
  const reflected = distinct([...ranges.cluster, ...reflectedRanges(ranges, environment)]);
  return { originated: [], announced: [], unprogrammed: [], reflected, needs: [], problems };
}

/** Of external and load-balancer addresses, single ones follow the Services that have them. */
const wholeRanges = (ranges: ServiceRanges): readonly ServiceRange[] => [
  ...ranges.cluster,
  ...ranges.external.filter(({ host }) => !host),
  ...(ranges.aggregates ? ranges.loadBalancer.filter(({ host }) => !host) : []),
];

/** External addresses since v3.33. Cluster addresses never: every node announces them itself. */
const reflectedRanges = (
  { external, loadBalancer }: Pick<ServiceRanges, 'external' | 'loadBalancer'>,
  environment: Environment,
): readonly Named[] => distinct([...loadBalancer, ...(isSinceV333(environment) ? external : [])]);

const needsOf = ({ cluster, external, loadBalancer }: ServiceRanges): readonly Need[] =>
  cluster.length + external.length + loadBalancer.length === 0
    ? []
    : [{ kind: 'EndpointSlice' }, { kind: 'Service' }];

/** By prefix; where several objects ask for one, the first of the list is its origin. */
const distinct = (named: readonly Named[]): readonly Named[] =>
  [...new Map(named.toReversed().map((at) => [at.prefix, at])).values()]
    .map(({ prefix, origin }) => ({ prefix, origin }))
    .sort((a, b) => byText(a.prefix, b.prefix));
