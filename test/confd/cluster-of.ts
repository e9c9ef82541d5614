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
