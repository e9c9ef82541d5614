import type { Resource } from '../src/datastore/datastore.ts';

type Fields = Readonly<Record<string, unknown>>;

export const object = (
  kind: string,
  name: string,
  spec: Fields,
  labels: Readonly<Record<string, string>> = {},
): Resource => ({
  apiVersion: 'projectcalico.org/v3',
  kind,
  metadata: { name, labels, annotations: {} },
  spec,
});

/** `10.HIGH.LOW.1` of the node with a number from 1. */
export const addressOf = (number: number): string => `10.${number >> 8}.${number & 255}.1`;

export const nodeOf = (
  number: number,
  bgp: Fields = {},
  labels: Readonly<Record<string, string>> = {},
): Resource =>
  object(
    'Node',
    `node-${number}`,
    { bgp: { ipv4Address: `${addressOf(number)}/8`, ...bgp } },
    { 'kubernetes.io/hostname': `node-${number}`, rack: `rack-${number % 40}`, ...labels },
  );

/** The one block of a node. */
export const blockOf = (number: number, cidr: string = blockCidr(number)): Resource =>
  object('BlockAffinity', `node-${number}-block`, {
    cidr,
    node: `node-${number}`,
    state: 'confirmed',
    deleted: 'false',
  });

const blockCidr = (number: number): string =>
  `100.${64 + (number >> 10)}.${(number >> 2) & 255}.${(number & 3) * 64}/26`;

/** As many nodes, each with a block, and a pool, in the order in which an API server lists them. */
export function clusterOf(count: number, more: readonly Resource[] = []): readonly Resource[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const resources = new Map<string, Resource>();
  const pool = object('IPPool', 'pods', { cidr: '100.64.0.0/10', ipipMode: 'Never' });
  for (const at of [
    ...numbers.map((n) => nodeOf(n)),
    ...numbers.map((n) => blockOf(n)),
    pool,
    ...more,
  ])
    resources.set(`${at.kind}/${at.metadata.name}`, at);
  return [...resources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource);
}
