import { expect } from 'vitest';
import { derive } from '../../src/confd/derive.ts';
import type { Derived, Environment } from '../../src/confd/types.ts';
import type { PeerConfig, SpeakerConfig } from '../../src/config/types.ts';
import type { Resource } from '../../src/datastore/datastore.ts';

type Fields = Readonly<Record<string, unknown>>;

const object = (
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

/** A Node with the given BGP fields. */
export const node = (
  name: string,
  bgp: Fields,
  labels: Readonly<Record<string, string>> = {},
): Resource => object('Node', name, { bgp }, labels);

/** A node at `10.0.0.LAST`. */
export const nodeAt = (last: number, bgp: Fields = {}, labels = {}): Resource =>
  node(`n${last}`, { ipv4Address: `10.0.0.${last}/24`, ...bgp }, labels);

export const peer = (name: string, spec: Fields): Resource => object('BGPPeer', name, spec);
export const pool = (name: string, spec: Fields): Resource => object('IPPool', name, spec);
export const configuration = (spec: Fields, name = 'default'): Resource =>
  object('BGPConfiguration', name, spec);
export const filter = (name: string, spec: Fields): Resource => object('BGPFilter', name, spec);
export const block = (nodeName: string, cidr: string, state?: string): Resource =>
  object('BlockAffinity', `${nodeName}-${cidr.replaceAll(/[./:]/g, '-')}`, {
    node: nodeName,
    cidr,
    ...(state !== undefined && { state }),
  });
export const secret = (name: string, data: Readonly<Record<string, string>>): Resource => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'kube-system', labels: {}, annotations: {} },
  spec: {},
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
});

/** A Service of namespace `default`; `ingress` are addresses that its load balancer has. */
export const service = (name: string, spec: Fields, ingress: readonly string[] = []): Resource => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', labels: {}, annotations: {} },
  spec,
  status: { loadBalancer: { ingress: ingress.map((ip) => ({ ip })) } },
});

/** An EndpointSlice of a Service with one endpoint on each of the nodes. */
export const slice = (
  name: string,
  serviceName: string,
  nodeNames: readonly string[],
  { addressType = 'IPv4', ready }: { addressType?: string; ready?: boolean | undefined } = {},
): Resource => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name,
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': serviceName },
    annotations: {},
  },
  spec: {},
  addressType,
  endpoints: nodeNames.map((nodeName) => ({
    addresses: ['10.1.0.7'],
    nodeName,
    conditions: { ready },
  })),
});

/** What Felix writes of a workload that a BGPPeer selects. */
export const workload = (name: string, bgpPeerName: string, nets: Fields): Resource => ({
  ...object('WorkloadEndpointStatus', name, { bgpPeerName, ifaceName: 'cali1', ...nets }),
  apiVersion: 'bengal/v1',
});

export const NO_MESH: Resource = configuration({ nodeToNodeMeshEnabled: false });

/** The derivation for a node that must have a configuration. */
export function derived(
  resources: readonly Resource[],
  name = 'n1',
  environment: Environment = {},
): Derived & { readonly config: SpeakerConfig } {
  const result = derive(resources, name, environment);
  expect(result.config).toBeDefined();
  return { ...result, config: result.config as SpeakerConfig };
}

export const peersOf = (resources: readonly Resource[], name = 'n1'): readonly PeerConfig[] =>
  derived(resources, name).config.peers;

export const namesOf = (resources: readonly Resource[], name = 'n1'): readonly string[] =>
  peersOf(resources, name).map((at) => at.name);
