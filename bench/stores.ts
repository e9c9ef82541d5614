import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Resource } from '../src/datastore/datastore.ts';
import { EtcdServer, keyOf } from '../test/datastore/etcd/etcd-server.ts';
import { StandIn } from '../test/datastore/kubernetes/stand-in.ts';
import type { Written } from '../test/datastore/kubernetes/stand-in-store.ts';

/** A datastore with resources in it that a `bengal node` can be pointed at. */
export interface Store {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  put(resource: Resource): Promise<void>;
  delete(resource: Resource): Promise<void>;
  close(): Promise<void>;
}

export const STORES: Readonly<Record<string, (resources: readonly Resource[]) => Promise<Store>>> =
  {
    file: fileStore,
    etcd: etcdStore,
    kubernetes: kubernetesStore,
  };

async function fileStore(resources: readonly Resource[]): Promise<Store> {
  const directory = mkdtempSync(path.join(tmpdir(), 'bengal-bench-'));
  const write = (name: string, documents: readonly Resource[]): void =>
    writeFileSync(
      path.join(directory, name),
      documents.map((at) => JSON.stringify(at)).join('\n---\n'),
    );
  write('cluster.yaml', resources);
  return {
    args: ['--datastore', 'file', '--path', directory],
    env: {},
    put: async (resource) => write(`${resource.metadata.name}.yaml`, [resource]),
    delete: async ({ metadata }) => rmSync(path.join(directory, `${metadata.name}.yaml`)),
    close: async () => rmSync(directory, { recursive: true }),
  };
}

async function etcdStore(resources: readonly Resource[]): Promise<Store> {
  const server = await EtcdServer.start();
  for (let at = 0; at < resources.length; at += 100)
    await server.put(...resources.slice(at, at + 100));
  return {
    args: [],
    env: { DATASTORE_TYPE: 'etcdv3', ETCD_ENDPOINTS: `http://127.0.0.1:${server.port}` },
    put: (resource) => server.put(resource),
    delete: async (resource) => void (await server.client.delete().key(keyOf(resource))),
    close: () => server.end(),
  };
}

/** The stand-in for an API server that the tests use. */
export async function kubernetesStore(resources: readonly Resource[]): Promise<Store> {
  const server = await new StandIn().listen();
  for (const resource of resources) put(server, resource);
  return {
    args: [],
    env: { DATASTORE_TYPE: 'kubernetes', K8S_API_ENDPOINT: server.url },
    put: async (resource) => put(server, resource),
    delete: async ({ kind, metadata }) => server.store.delete(pluralOf(kind), metadata.name),
    close: () => server.close(),
  };
}

const PLURALS: Readonly<Record<string, string>> = {
  BlockAffinity: 'blockaffinities',
  IPPool: 'ippools',
  Node: 'nodes',
};

function pluralOf(kind: string): string {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`${kind} has no place in the stand-in`);
  return plural;
}

function put(server: StandIn, resource: Resource): void {
  const written = resource.kind === 'Node' ? coreNode(resource) : { ...resource };
  server.store.put(pluralOf(resource.kind), written);
}

/** As a cluster has it: labels, annotations of Calico, and a status of some 8 kB that nobody reads. */
function coreNode({ metadata, spec }: Resource): Written {
  const bgp = spec['bgp'] as Readonly<Record<string, string>>;
  const names = [`registry.example/team/app@sha256:${'ab'.repeat(32)}`];
  return {
    metadata: {
      name: metadata.name,
      labels: metadata.labels,
      annotations: { 'projectcalico.org/IPv4Address': bgp['ipv4Address'] ?? '' },
    },
    spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'], providerID: 'bench' },
    status: { images: Array.from({ length: 60 }, () => ({ names, sizeBytes: 12_345_678 })) },
  };
}
