import type { Cluster } from '../confd/cluster.ts';
import { readCluster } from '../confd/cluster-reader.ts';
import { derive } from '../confd/derive.ts';
import { deriveReflector } from '../confd/derive-reflector.ts';
import type { Derived } from '../confd/types.ts';
import type { PeerConfig } from '../config/types.ts';
import type { Resource } from '../datastore/datastore.ts';
import type { Problem } from '../datastore/problem.ts';
import type { BlockAffinityView, IPPoolView, NodeView } from '../datastore/resources/views.ts';
import type { Selector } from '../datastore/selector.ts';
import { formatAddress } from '../net/address.ts';
import { FAMILIES, type Family } from '../net/family.ts';
import { containsPrefix, type Prefix, parsePrefix } from '../net/prefix.ts';

const REFLECTOR_LABEL = 'bengal.io/reflector';
/** Pods that a block gets. */
const PODS = 2;

export const EVERY_NODE: Selector = { text: 'all()', matches: () => true };

/** A machine of the lab: a node with pods, or a standalone route reflector. */
export interface Member {
  readonly name: string;
  readonly role: 'node' | 'reflector';
  readonly addresses: readonly MemberAddress[];
  /** Confirmed blocks; none for a reflector. */
  readonly blocks: readonly Block[];
  readonly derived: Derived;
}

export interface MemberAddress {
  readonly family: Family;
  readonly address: string;
  /** In bits. */
  readonly length: number;
}

export interface Block {
  readonly family: Family;
  readonly prefix: string;
  /** Its first addresses. */
  readonly pods: readonly string[];
  /** Whether bengal is to lead other nodes' FIBs to it: not so for encapsulated pools. */
  readonly programmed: boolean;
}

/** A session that must come up: both ends are in the lab and at least one of them dials. */
export interface ExpectedSession {
  readonly peer: string;
  readonly address: string;
  readonly remote: string;
}

/** A block of another member that must be known, with that member's address as next hop. */
export interface ExpectedRoute {
  readonly prefix: string;
  readonly nextHop: string;
  readonly programmed: boolean;
}

/** What the resources describe, and what must come of it. */
export interface Plan {
  /** By name. */
  readonly members: readonly Member[];
  /** What was taken as absent, each once. */
  readonly problems: readonly Problem[];
  sessionsOf(member: Member): readonly ExpectedSession[];
  routesOf(member: Member): readonly ExpectedRoute[];
}

export function planOf(resources: readonly Resource[]): Plan {
  const cluster = readCluster(resources);
  const members = cluster.nodes.map((node) => memberOf(node, cluster, resources));
  const sessionsOf = (member: Member): readonly ExpectedSession[] =>
    peersOf(member).flatMap((peer) => expectedSession(peer, member, members));
  const problems = members.flatMap(({ derived }) => derived.problems);
  return {
    members,
    problems: [...new Map(problems.map((at) => [`${at.where} ${at.message}`, at])).values()],
    sessionsOf,
    routesOf: (member) => {
      if (sessionsOf(member).length === 0) return [];
      return members
        .filter((other) => other !== member)
        .flatMap((other) => routesTo(other, member));
    },
  };
}

function memberOf(node: NodeView, cluster: Cluster, resources: readonly Resource[]): Member {
  const { name, labels, clusterId } = node;
  const reflector = clusterId !== undefined && labels.get(REFLECTOR_LABEL) === 'standalone';
  const blocks = cluster.affinities.filter(
    (affinity) => affinity.node === name && affinity.state === 'confirmed',
  );
  return {
    name,
    role: reflector ? 'reflector' : 'node',
    addresses: FAMILIES.flatMap((family) => addressOf(node, family)),
    blocks: reflector ? [] : blocks.map((affinity) => blockOf(affinity, cluster)),
    derived: reflector
      ? deriveReflector(resources, { node: name }, EVERY_NODE, {})
      : derive(resources, name, {}),
  };
}

function addressOf(node: NodeView, family: Family): readonly MemberAddress[] {
  const own = node.addresses[family];
  if (own === undefined) return [];
  return [{ family, address: own.address, length: Number(own.network.split('/')[1]) }];
}

function blockOf({ cidr, family }: BlockAffinityView, cluster: Cluster): Block {
  const block = parsePrefix(cidr);
  const pool = cluster.pools.find((at) => block !== undefined && holds(at, block));
  const mode = cluster.global?.programClusterRoutes ?? 'EnabledNoEncapOnly';
  const plain = pool !== undefined && pool.ipip === 'never' && pool.vxlan === 'never';
  return {
    family,
    prefix: cidr,
    pods: block === undefined ? [] : firstAddresses(block),
    programmed: plain && (mode === 'Enabled' || mode === 'EnabledNoEncapOnly'),
  };
}

function holds({ cidr }: IPPoolView, block: Prefix): boolean {
  const pool = parsePrefix(cidr);
  return pool !== undefined && containsPrefix(pool, block);
}

/** The first addresses of a block. */
function firstAddresses({ address, length }: Prefix): readonly string[] {
  const count = Math.min(PODS, 2 ** Math.min(8, address.length * 8 - length));
  return Array.from({ length: count }, (_, index) => {
    const bytes = Uint8Array.from(address);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) + index;
    return formatAddress(bytes);
  });
}

const peersOf = ({ derived }: Member): readonly PeerConfig[] => derived.config?.peers ?? [];

const has = (member: Member, address: string): boolean =>
  member.addresses.some((own) => own.address === address);

/** A passive peer is expected only if the other end dials; a peer outside the lab never is. */
function expectedSession(
  { name, address, passive }: PeerConfig,
  member: Member,
  members: readonly Member[],
): readonly ExpectedSession[] {
  const other = members.find((at) => has(at, address));
  if (other === undefined) return [];
  const dialled = peersOf(other).some((peer) => !peer.passive && has(member, peer.address));
  return passive && !dialled ? [] : [{ peer: name, address, remote: other.name }];
}

function routesTo(other: Member, member: Member): readonly ExpectedRoute[] {
  return other.blocks.flatMap(({ family, prefix, programmed }) => {
    const nextHop = other.addresses.find((at) => at.family === family)?.address;
    const usable = member.addresses.some((at) => at.family === family);
    if (nextHop === undefined || !usable) return [];
    return [{ prefix, nextHop, programmed: programmed && member.role === 'node' }];
  });
}
