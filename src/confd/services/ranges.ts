import type { Problem } from '../../datastore/problem.ts';
import { parseCidr } from '../../datastore/resources/fields.ts';
import type { Cidr } from '../../datastore/resources/views.ts';
import { parseAddress } from '../../net/address.ts';
import { containsAddress, type Prefix, parsePrefix } from '../../net/prefix.ts';
import type { Cluster } from '../cluster.ts';
import type { Named } from '../policies/rule.ts';
import { builtIn, byText, from } from '../trace.ts';
import type { Environment, Origin } from '../types.ts';

/** A range of addresses that Services have. */
export interface ServiceRange extends Named {
  readonly parsed: Prefix;
  /** Of one address: such a range is no route of its own, but lets single addresses out. */
  readonly host: boolean;
}

/** The ranges whose addresses are announced, by the field of a Service that has the address. */
export interface ServiceRanges {
  readonly cluster: readonly ServiceRange[];
  readonly external: readonly ServiceRange[];
  readonly loadBalancer: readonly ServiceRange[];
  /** Whether the ranges of load balancers are announced as a whole. */
  readonly aggregates: boolean;
  readonly problems: readonly Problem[];
}

/** The lists of BGPConfiguration; `CALICO_ADVERTISE_CLUSTER_IPS` comes in place of serviceClusterIPs. */
export function serviceRanges({ global }: Cluster, environment: Environment): ServiceRanges {
  const listed = (field: string, cidrs: readonly Cidr[]): readonly ServiceRange[] => {
    if (global === undefined) return [];
    const origin = from(global, `spec.${field}`, 'addresses of Services are announced');
    return cidrs.flatMap(({ text }) => rangeOf(text, origin)).sort(byPrefix);
  };
  const { override, problems } = overrideOf(environment.advertiseClusterIps ?? '');
  return {
    cluster: override ?? listed('serviceClusterIPs', global?.serviceClusterIps ?? []),
    external: listed('serviceExternalIPs', global?.serviceExternalIps ?? []),
    loadBalancer: listed('serviceLoadBalancerIPs', global?.serviceLoadBalancerIps ?? []),
    aggregates: global?.aggregatesLoadBalancerIps ?? true,
    problems,
  };
}

/** Whether one of the ranges holds an address. */
export function holds(ranges: readonly ServiceRange[], address: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== undefined && ranges.some(({ parsed }) => containsAddress(parsed, bytes));
}

function overrideOf(written: string): {
  readonly override: readonly ServiceRange[] | undefined;
  readonly problems: readonly Problem[];
} {
  if (written === '') return { override: undefined, problems: [] };
  const cidr = parseCidr(written);
  if (cidr !== undefined) {
    const override = rangeOf(cidr.text, builtIn('CALICO_ADVERTISE_CLUSTER_IPS'));
    return { override, problems: [] };
  }
  const problem: Problem = {
    code: 'wrong-value',
    severity: 'error',
    where: 'CALICO_ADVERTISE_CLUSTER_IPS',
    message: `${JSON.stringify(written)} is not a CIDR; it counts as unset`,
    cure: 'Set it to one CIDR such as 10.96.0.0/12',
  };
  return { override: undefined, problems: [problem] };
}

function rangeOf(text: string, origin: Origin): readonly ServiceRange[] {
  const parsed = parsePrefix(text);
  if (parsed === undefined) return [];
  return [{ prefix: text, origin, parsed, host: parsed.length === parsed.address.length * 8 }];
}

const byPrefix = (a: ServiceRange, b: ServiceRange): number => byText(a.prefix, b.prefix);
