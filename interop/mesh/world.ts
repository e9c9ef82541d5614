import type { Family } from '../../src/net/family.ts';
import type { Host } from '../runner.ts';
import { isIpv6 } from '../speaker.ts';

export const ASN = 64512;
/** Pools without encapsulation, which BGP programs. */
export const POOLS: readonly string[] = ['10.244.0.0/16', 'fd44::/64'];
/** Ranges of service addresses, which every node announces. */
export const SERVICES: readonly string[] = ['10.96.0.0/16', 'fd96::/112'];

/** A node of a Calico cluster, whoever speaks BGP for it. */
export interface MeshNode {
  readonly host: Host;
  /** Blocks of its pods, of both families. */
  readonly blocks: readonly string[];
}

/** What the datastore of the cluster says. */
export interface MeshWorld {
  readonly nodes: readonly MeshNode[];
  /** A router that every node has a session with, in each family. */
  readonly rack?: { readonly host: Host; readonly asn: number };
}

/** A session of a node, by the name that Calico gives it. */
export interface MeshSession {
  readonly name: string;
  readonly family: Family;
  readonly local: string;
  readonly remote: string;
  readonly neighbor: Host;
  readonly asn: number;
  /** Calico's rule, which both ends apply: the greater address, as text, is the one that dials. */
  readonly passive: boolean;
}

/** The sessions of a node of one family. */
export function sessionsOf(
  { nodes, rack }: MeshWorld,
  { host }: MeshNode,
  family: Family,
): readonly MeshSession[] {
  const addressOf = (at: Host): string => (family === 'ipv4-unicast' ? at.ipv4 : at.ipv6);
  const session = (neighbor: Host, type: 'Mesh' | 'Global', asn: number): MeshSession => ({
    name: `${type}_${addressOf(neighbor).replaceAll(/[.:]/g, '_')}`,
    family,
    local: addressOf(host),
    remote: addressOf(neighbor),
    neighbor,
    asn,
    passive: type === 'Mesh' && addressOf(neighbor) > addressOf(host),
  });
  const others = nodes.filter((node) => node.host !== host);
  return [
    ...others.map((node) => session(node.host, 'Mesh', ASN)),
    ...(rack === undefined ? [] : [session(rack.host, 'Global', rack.asn)]),
  ];
}

/** Those of `prefixes` that belong to a family. */
export const ofFamily = (prefixes: readonly string[], family: Family): readonly string[] =>
  prefixes.filter((prefix) => isIpv6(prefix) === (family === 'ipv6-unicast'));

/** Gives a host the addresses of a node with this number, in place of those that it has. */
export async function renumbered(host: Host, number: number): Promise<Host> {
  const moved = { ...host, ipv4: `10.78.0.${number}`, ipv6: `fd78::${number}` };
  const link = ['dev', 'eth0'];
  await host.run(['ip', 'addr', 'flush', ...link, 'scope', 'global']);
  await host.run(['ip', 'addr', 'add', `${moved.ipv4}/24`, ...link]);
  await host.run(['ip', 'addr', 'add', `${moved.ipv6}/64`, ...link, 'nodad']);
  return moved;
}
