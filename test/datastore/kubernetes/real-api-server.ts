import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { TLS } from './recordings.ts';

export interface Binaries {
  readonly apiServer: string;
  readonly etcd: string;
}

/** The binaries that the environment names, as envtest's tools have it. */
export function binaries(): Binaries | undefined {
  const apiServer = process.env['TEST_ASSET_KUBE_APISERVER'] ?? '';
  const etcd = process.env['TEST_ASSET_ETCD'] ?? '';
  return apiServer === '' || etcd === '' ? undefined : { apiServer, etcd };
}

const TOKEN = 'bengal-test';

const CALICO = {
  ippools: 'IPPool',
  bgpconfigurations: 'BGPConfiguration',
  bgppeers: 'BGPPeer',
  bgpfilters: 'BGPFilter',
  blockaffinities: 'BlockAffinity',
  caliconodestatuses: 'CalicoNodeStatus',
};

/** A kube-apiserver on an etcd of its own, on loopback, with CRDs that take any object. */
export class RealApiServer {
  readonly #binaries: Binaries;
  readonly #folder: string = mkdtempSync(path.join(tmpdir(), 'bengal-apiserver-'));
  readonly #etcdPort: number;
  readonly port: number;
  readonly tokenFile: string = path.join(this.#folder, 'token');
  #etcd: ChildProcess | undefined;
  #apiServer: ChildProcess | undefined;

  private constructor(found: Binaries, port: number, etcdPort: number) {
    this.#binaries = found;
    this.port = port;
    this.#etcdPort = etcdPort;
  }

  static async start(found: Binaries): Promise<RealApiServer> {
    const [port = 0, etcdPort = 0] = await freePorts(2);
    const server = new RealApiServer(found, port, etcdPort);
    writeFileSync(server.tokenFile, TOKEN);
    writeFileSync(server.#path('tokens.csv'), `${TOKEN},test,1,system:masters\n`);
    server.#startEtcd();
    await server.#startApiServer();
    for (const [plural, kind] of Object.entries(CALICO)) await server.#define(plural, kind);
    return server;
  }

  /** Loses what the watch cache knows of the past. */
  async restart(): Promise<void> {
    await end(this.#apiServer);
    await this.#startApiServer();
  }

  async stop(): Promise<void> {
    await end(this.#apiServer);
    await end(this.#etcd);
    rmSync(this.#folder, { recursive: true });
  }

  /** One request; resolves with the status and the body. */
  ask(
    method: string,
    pathname: string,
    body?: unknown,
  ): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
      const options = { method, headers, host: '127.0.0.1', port: this.port, path: pathname };
      const asked = request({ ...options, rejectUnauthorized: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      asked.on('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #path(name: string): string {
    return path.join(this.#folder, name);
  }

  #startEtcd(): void {
    const client = `http://127.0.0.1:${this.#etcdPort}`;
    this.#etcd = spawn(
      this.#binaries.etcd,
      [
        `--data-dir=${this.#path('etcd')}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        '--listen-peer-urls=http://127.0.0.1:0',
      ],
      { stdio: 'ignore' },
    );
  }

  async #startApiServer(): Promise<void> {
    this.#apiServer = spawn(
      this.#binaries.apiServer,
      [
        `--etcd-servers=http://127.0.0.1:${this.#etcdPort}`,
        `--cert-dir=${this.#path('certificates')}`,
        `--tls-cert-file=${TLS.cert}`,
        `--tls-private-key-file=${TLS.key}`,
        `--secure-port=${this.port}`,
        '--bind-address=127.0.0.1',
        '--advertise-address=127.0.0.1',
        `--token-auth-file=${this.#path('tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://bengal.test',
        `--service-account-key-file=${TLS.key}`,
        `--service-account-signing-key-file=${TLS.key}`,
        '--disable-admission-plugins=ServiceAccount',
        '--endpoint-reconciler-type=none',
      ],
      { stdio: 'ignore' },
    );
    const ready = (): Promise<number> =>
      this.ask('GET', '/readyz').then(
        ({ status }) => status,
        () => 0,
      );
    await expect.poll(ready, { timeout: 60_000, interval: 200 }).toBe(200);
  }

  /** Defines a kind and waits until it is served. */
  async #define(plural: string, kind: string): Promise<void> {
    const anything = { 'x-kubernetes-preserve-unknown-fields': true };
    const properties = { spec: anything, status: anything };
    const schema = { openAPIV3Schema: { type: 'object', properties } };
    const subresources = plural === 'caliconodestatuses' ? { status: {} } : undefined;
    const names = { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` };
    await this.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.crd.projectcalico.org` },
      spec: {
        group: 'crd.projectcalico.org',
        scope: 'Cluster',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema, subresources }],
      },
    });
    const served = async (): Promise<number> =>
      (await this.ask('GET', `/apis/crd.projectcalico.org/v1/${plural}`)).status;
    await expect.poll(served, { timeout: 30_000, interval: 100 }).toBe(200);
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
