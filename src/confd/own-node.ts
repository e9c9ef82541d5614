import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../datastore/problem.ts';
import type { NodeAddress, NodeView, WireguardAddresses } from '../datastore/resources/views.ts';
import { formatIpv4Number, parseIpv4Number } from '../net/address.ts';
import type { Family } from '../net/family.ts';
import { asnOf, type Cluster, type Given } from './cluster.ts';
import { Last } from './last.ts';
import { builtIn, from } from './trace.ts';
import type { Environment } from './types.ts';

/** The node that a configuration is made for. */
export interface OwnNode {
  /** Empty for a reflector that is no Node. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly addresses: Readonly<Record<Family, NodeAddress | undefined>>;
  readonly asn: Given<number>;
  readonly routerId: Given<string>;
  /** Makes it a route reflector. */
  readonly clusterId: Given<string> | undefined;
}

/** The addresses of a node's WireGuard interface under the IPAM in use. */
export const wireguardOf = (node: NodeView, { usePodCidr }: Environment): WireguardAddresses =>
  usePodCidr === true ? node.hostLocal.wireguard : node.wireguard;

export interface OwnReading {
  readonly own: OwnNode;
  readonly problems: readonly Problem[];
}

/** Reads the own node again and again; of `own` what says the same as before is the very same. */
export class OwnNodeReader {
  readonly #environment: Environment;
  readonly #reading = new Last<OwnReading>();
  #own: OwnNode | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** The own node as its resource describes it, and what is wrong with that. */
  of(cluster: Cluster, view: NodeView): OwnReading {
    return this.#reading.of([view, cluster.global], () => this.#read(cluster, view));
  }

  #read(cluster: Cluster, view: NodeView): OwnReading {
    const { routerId, problems } = routerIdOf(view, this.#environment);
    const { name, labels, addresses } = view;
    const before = this.#own;
    this.#own = {
      name,
      labels,
      addresses: kept(before?.addresses, addresses),
      asn: kept(before?.asn, asnOf(cluster, view)),
      routerId: kept(before?.routerId, routerId),
      clusterId: kept(before?.clusterId, clusterIdOf(view)),
    };
    return { own: this.#own, problems };
  }
}

const kept = <T>(before: T | undefined, now: T): T =>
  before !== undefined && isDeepStrictEqual(before, now) ? before : now;

function clusterIdOf(view: NodeView): Given<string> | undefined {
  if (view.clusterId === undefined) return undefined;
  const origin = from(view, 'spec.bgp.routeReflectorClusterID', 'the node is a route reflector');
  return { value: view.clusterId, origin };
}

interface RouterId {
  readonly routerId: Given<string>;
  readonly problems: readonly Problem[];
}

/** `CALICO_ROUTER_ID` literally or `hash`, else the node's IPv4 address. */
function routerIdOf(view: NodeView, environment: Environment): RouterId {
  const asked = environment.routerId ?? '';
  const address = view.addresses['ipv4-unicast']?.address;
  if (asked === 'hash') return { routerId: hashed(view.name), problems: [] };
  const number = parseIpv4Number(asked);
  if (number !== undefined && number !== 0) {
    const origin = builtIn('CALICO_ROUTER_ID');
    return { routerId: { value: formatIpv4Number(number), origin }, problems: [] };
  }
  const invalid = asked === '' ? [] : [invalidRouterId(asked)];
  if (address !== undefined) {
    const origin = from(view, 'spec.bgp.ipv4Address', 'the IPv4 address is the router id');
    return { routerId: { value: address, origin }, problems: invalid };
  }
  const problem: Problem = {
    code: 'router-id-from-hash',
    severity: 'warning',
    where: `Node ${view.name}`,
    message: 'has no IPv4 address to take the router id from; a hash of its name is used',
    cure: 'Set CALICO_ROUTER_ID to an id, or to hash',
  };
  return { routerId: hashed(view.name), problems: [...invalid, problem] };
}

const invalidRouterId = (asked: string): Problem => ({
  code: 'router-id-invalid',
  severity: 'error',
  where: 'CALICO_ROUTER_ID',
  message: `${JSON.stringify(asked)} is not a router id; it counts as unset`,
  cure: 'Set it to a number written as IPv4 address, or to hash',
});

/** The first four octets of the name's SHA-256; a first octet above 223 is lowered by 32. */
function hashed(name: string): Given<string> {
  const [a = 0, b = 0, c = 0, d = 0] = createHash('sha256').update(name).digest();
  const value = [a > 223 ? a - 32 : a, b, c, d].join('.');
  return { value, origin: builtIn('hash of the node name') };
}
