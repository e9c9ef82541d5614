import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Program as Client } from '../src/lab/program.ts';
import { capture, runSync } from '../src/lab/shell.ts';
import { Missing } from './eventually.ts';
import { FOLDER, moved } from './inside.ts';
import { NamespaceRunner } from './namespace-runner.ts';
import type { Host, Program, Runner } from './runner.ts';

const IMAGE = 'localhost/bengal-interop';
/** What routing daemons are given by those who run them in containers. */
const CAPABILITIES = ['NET_ADMIN', 'NET_RAW', 'NET_BIND_SERVICE', 'SYS_ADMIN'];
/** By default podman asks for more than a root without CAP_SYS_RESOURCE may have. */
const LIMITS = ['nofile=10000:10000', 'nproc=10000:10000'];
const BENGAL = path.resolve(import.meta.dirname, '..');
/** bengal and its Node come from this machine, at the same paths. */
const READ_ONLY = ['package.json', 'dist', 'node_modules'].map((name) => path.join(BENGAL, name));

/**
 * Imports `root` as an image and returns its name. It stays for later runs: another list of
 * packages makes another image.
 */
export function imageOf(root: string): string {
  const packages = readFileSync(path.join(root, 'var/lib/dpkg/status'));
  const hash = createHash('sha256').update(packages).digest('hex').slice(0, 12);
  const image = `${IMAGE}:${hash}`;
  const command =
    'podman image exists "$2" || tar -C "$1" --one-file-system -c . | podman import --quiet - "$2"';
  execFileSync('/bin/sh', ['-c', command, 'import', root, image], { stdio: 'pipe' });
  return image;
}

interface Container {
  /** `podman run` in the foreground. */
  readonly client: ChildProcessWithoutNullStreams;
  readonly gone: Promise<void>;
}

/** Runs every party in a container of its own, on the Ethernet segment that namespaces have, too. */
export class PodmanRunner implements Runner {
  readonly #image: string;
  readonly #network = new NamespaceRunner();
  readonly #containers: Container[] = [];

  constructor(image: string) {
    this.#image = image;
  }

  async lan(names: readonly string[]): Promise<readonly Host[]> {
    const hosts = await this.#network.lan(names);
    return Promise.all(hosts.map((host) => this.#contain(host)));
  }

  /** A container ends with its standard input, hence also when this process dies. */
  async close(): Promise<void> {
    const containers = this.#containers.splice(0);
    for (const { client } of containers) client.stdin.end();
    await Promise.all(containers.map(({ gone }) => gone));
    await this.#network.close();
  }

  async #contain(host: Host): Promise<Host> {
    const name = path.basename(host.namespace);
    const container = containerOf(spawn('podman', runArguments(name, this.#image, host)));
    this.#containers.push(container);
    await started(container, host);
    return {
      ...moved(host),
      start: (log, argv) => new Contained(name, path.join(host.folder, `${log}.log`), argv),
      run: (argv) => capture(['podman', 'exec', name, ...argv]),
    };
  }
}

function runArguments(name: string, image: string, host: Host): readonly string[] {
  const volumes = [...READ_ONLY, process.execPath].map((file) => `${file}:${file}:ro`);
  return [
    ...['run', '--rm', '--interactive', '--pull', 'never', '--name', name],
    ...['--network', `ns:${host.namespace}`],
    ...CAPABILITIES.flatMap((capability) => ['--cap-add', capability]),
    ...LIMITS.flatMap((limit) => ['--ulimit', limit]),
    ...[`${host.folder}:${FOLDER}`, ...volumes].flatMap((volume) => ['--volume', volume]),
    ...[image, '/bin/sh', '-c', 'echo started; exec cat'],
  ];
}

function containerOf(client: ChildProcessWithoutNullStreams): Container {
  const gone = new Promise<void>((resolve) => {
    client.once('exit', () => resolve());
    client.once('error', () => resolve());
  });
  return { client, gone };
}

/** Waits until the container says that it is there. */
async function started({ client, gone }: Container, { name }: Host): Promise<void> {
  let complaint = '';
  client.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const said = once(client.stdout, 'data');
  const there = await Promise.race([said, gone]);
  if (there === undefined) throw new Missing(`no container for ${name}: ${complaint.trim()}`);
}

/** A daemon in a container: signals go to the process there, not to `podman exec`. */
class Contained implements Program {
  readonly #container: string;
  readonly #pidFile: string;
  readonly #client: Client;

  constructor(container: string, log: string, argv: readonly string[]) {
    this.#container = container;
    this.#pidFile = `${FOLDER}/${path.basename(log)}.started`;
    const become = ['/bin/sh', '-c', `echo $$ >"$0"; exec "$@"`, this.#pidFile];
    this.#client = new Client({ argv: ['podman', 'exec', container, ...become, ...argv], log });
  }

  get log(): string {
    return this.#client.log;
  }

  get running(): boolean {
    return this.#client.running;
  }

  output(): string {
    return this.#client.output();
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running) return;
    const kill = ['/bin/sh', '-c', 'kill -s "$1" "$(cat "$0")"', this.#pidFile];
    runSync('podman', 'exec', this.#container, ...kill, signal.slice('SIG'.length));
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.#client.gone;
  }
}
