import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import type { Resource } from '../../../src/datastore/datastore.ts';
import { etcdKeyOf, etcdValueOf } from '../../../src/datastore/etcd/keys.ts';

const ETCD = '/usr/bin/etcd';
const OPENSSL = '/usr/bin/openssl';

const missing = [ETCD, OPENSSL].filter((program) => !existsSync(program));

/** Why tests with a real etcd cannot run here; undefined when they can. */
export const NO_ETCD: string | undefined =
  missing.length === 0 ? undefined : `${missing.join(', ')} missing`;

/** Files of a certificate authority made for one test, and what it signed. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface EtcdServerOptions {
  /** Client certificates are required. */
  readonly tls?: boolean;
  /** Seconds that a token lives without being used. */
  readonly tokenTtl?: number;
}

/** A real etcd of one member on loopback with data of its own, and direct access to it. */
export class EtcdServer {
  readonly port: number;
  readonly certificates: Certificates | undefined;
  #client: Etcd3;
  readonly #directory: string;
  #process: ChildProcess;
  readonly #arguments: readonly string[];

  private constructor(
    directory: string,
    port: number,
    peerPort: number,
    { tls = false, tokenTtl }: EtcdServerOptions,
  ) {
    this.#directory = directory;
    this.port = port;
    this.certificates = tls ? makeCertificates(directory) : undefined;
    this.#arguments = argumentsOf(directory, port, peerPort, this.certificates, tokenTtl);
    this.#process = this.#spawn();
    this.#client = this.#connect(undefined);
  }

  static async start(options: EtcdServerOptions = {}): Promise<EtcdServer> {
    const directory = mkdtempSync(path.join(tmpdir(), 'bengal-etcd-'));
    const server = new EtcdServer(directory, await freePort(), await freePort(), options);
    await server.#ready();
    return server;
  }

  /** Straight to the server, past any proxy. */
  get client(): Etcd3 {
    return this.#client;
  }

  /** Everything from now on is done as this user. */
  login(username: string, password: string): void {
    this.#client.close();
    this.#client = this.#connect({ username, password });
  }

  async put(...resources: readonly Resource[]): Promise<void> {
    await Promise.all(
      resources.map((resource) => this.client.put(keyOf(resource)).value(etcdValueOf(resource))),
    );
  }

  /** Forgets everything but what is there now. */
  async compact(): Promise<void> {
    await this.client.kv.compact({ revision: await this.revision(), physical: true });
  }

  async revision(): Promise<string> {
    return (await this.client.kv.range({ key: Buffer.from('/') })).header.revision;
  }

  /** Ends the process without a chance to say good-bye. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  /** Starts it again after `kill`, with its data unless they are to be lost. */
  async restart({ empty = false }: { readonly empty?: boolean } = {}): Promise<void> {
    if (empty) rmSync(path.join(this.#directory, 'data'), { recursive: true });
    this.#process = this.#spawn();
    await this.#ready();
  }

  async end(): Promise<void> {
    this.client.close();
    await this.kill();
    rmSync(this.#directory, { recursive: true });
  }

  #connect(auth: { readonly username: string; readonly password: string } | undefined): Etcd3 {
    const { certificates } = this;
    return new Etcd3({
      hosts: `${certificates === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${this.port}`,
      ...(auth !== undefined && { auth }),
      ...(certificates !== undefined && {
        credentials: {
          rootCertificate: readFileSync(certificates.caFile),
          privateKey: readFileSync(certificates.keyFile),
          certChain: readFileSync(certificates.certFile),
        },
      }),
    });
  }

  #spawn(): ChildProcess {
    return spawn(ETCD, this.#arguments, { stdio: 'ignore' });
  }

  /** Asks it only once it listens: etcd3 leaves a host alone for seconds that failed it. */
  async #ready(): Promise<void> {
    while (!(await listens(this.port))) {
      if (this.#process.exitCode !== null) throw new Error('etcd does not start');
      await sleep(20);
    }
    await this.revision();
  }
}

export function keyOf(resource: Resource): string {
  const key = etcdKeyOf(resource);
  if (key === undefined) throw new Error(`${resource.kind} has no place in etcd`);
  return key;
}

function argumentsOf(
  directory: string,
  port: number,
  peerPort: number,
  certificates: Certificates | undefined,
  tokenTtl: number | undefined,
): readonly string[] {
  const peer = `http://127.0.0.1:${peerPort}`;
  const client = `${certificates === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const of = (name: string): string => path.join(directory, name);
  return [
    ...['--name', 'test', '--data-dir', of('data'), '--log-level', 'error'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `test=${peer}`],
    ...(tokenTtl === undefined ? [] : ['--auth-token-ttl', String(tokenTtl)]),
    ...(certificates === undefined
      ? []
      : ['--client-cert-auth', '--trusted-ca-file', certificates.caFile]),
    ...(certificates === undefined
      ? []
      : ['--cert-file', of('server.crt'), '--key-file', of('server.key')]),
  ];
}

/** An authority, a certificate for localhost and one for the client. */
function makeCertificates(directory: string): Certificates {
  const of = (name: string): string => path.join(directory, name);
  const openssl = (...parts: readonly string[]): void => {
    execFileSync(OPENSSL, parts, { cwd: directory, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca');
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1\n';
  writeFileSync(of('extensions'), `${names}extendedKeyUsage=serverAuth,clientAuth\n`);
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', `${name}.crt`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-extfile', 'extensions');
  }
  return { caFile: of('ca.crt'), certFile: of('client.crt'), keyFile: of('client.key') };
}

async function listens(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise<unknown>((closed) => server.close(closed));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
