import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Program, type ProgramOptions } from './program.ts';
import { capture, runSync } from './shell.ts';

/** Link-local addresses are good at once, not after a second or two of duplicate detection. */
const NO_DUPLICATE_DETECTION = 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad';
const BRIDGE = 'br0';

export interface Port {
  /** Its network device in the namespace is `eth0`. */
  readonly namespace: Namespace;
  /** Ethernet address; made up by the kernel when absent. */
  readonly ethernet?: string;
  /** As `10.0.0.1/24`. */
  readonly addresses: readonly string[];
}

/** A network namespace with a folder of files. */
export class Namespace {
  readonly name: string;
  readonly folder: string;
  readonly #programs: Program[] = [];

  constructor(name: string, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  get programs(): readonly Program[] {
    return this.#programs;
  }

  /** Runs `ip` on this namespace's network. */
  ip(...args: readonly string[]): Promise<string> {
    return capture(['ip', '-n', this.name, ...args]);
  }

  run(argv: readonly string[]): Promise<string> {
    return capture([...this.#inside, ...argv]);
  }

  /** `ip netns exec` becomes the program, so that the child's process id is the program's. */
  start(log: string, options: Omit<ProgramOptions, 'log'>): Program {
    const argv = [...this.#inside, ...options.argv];
    const program = new Program({ ...options, argv, log: path.join(this.folder, `${log}.log`) });
    this.#programs.push(program);
    return program;
  }

  get #inside(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }
}

/** Network namespaces that go, with everything in them, when this process ends in whatever way. */
export class Namespaces {
  readonly folder: string;
  readonly #prefix: string;
  readonly #namespaces: Namespace[] = [];
  readonly #atExit = (): void => this.removeNow();

  /** `label` marks what is ours: leftovers of a dead process are known by it. */
  constructor(label: string) {
    const own = `${label}-${process.pid}-${startOf(process.pid)}-`;
    this.folder = mkdtempSync(path.join(os.tmpdir(), own));
    this.#prefix = path.basename(this.folder);
    process.once('exit', this.#atExit);
  }

  async create(name: string): Promise<Namespace> {
    const folder = path.join(this.folder, name);
    mkdirSync(folder);
    const namespace = new Namespace(`${this.#prefix}-${name}`, folder);
    this.#namespaces.push(namespace);
    await capture(['ip', 'netns', 'add', namespace.name]);
    await namespace.run(['/bin/sh', '-c', NO_DUPLICATE_DETECTION]);
    await namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  /** Joins namespaces by one Ethernet segment: a bridge in a namespace of its own. */
  async connect(ports: readonly Port[]): Promise<void> {
    const bridge = await this.create('_switch');
    await bridge.ip('link', 'add', BRIDGE, 'type', 'bridge');
    await bridge.ip('link', 'set', BRIDGE, 'up');
    for (const [index, { namespace, ethernet, addresses }] of ports.entries()) {
      const port = `port${index}`;
      const far = ['peer', 'name', 'eth0', 'netns', namespace.name];
      await bridge.ip('link', 'add', port, 'type', 'veth', ...far);
      await bridge.ip('link', 'set', port, 'master', BRIDGE, 'up');
      const identity = ethernet === undefined ? [] : ['address', ethernet];
      await namespace.ip('link', 'set', 'eth0', ...identity, 'up');
      for (const address of addresses) await addAddress(namespace, address, 'eth0');
    }
  }

  /** Ends every program, waits for that, and removes the namespaces and their folder. */
  async remove(): Promise<void> {
    const programs = this.#namespaces.flatMap((namespace) => namespace.programs);
    await Promise.all(programs.map((program) => program.stop('SIGKILL')));
    // Children that a program left behind do not end by themselves while they are stopped.
    await Promise.all(this.#namespaces.map(({ name }) => killAllIn(name)));
    this.removeNow();
  }

  /** As `remove`, without waiting: for a process that is about to end. */
  removeNow(): void {
    process.off('exit', this.#atExit);
    for (const namespace of this.#namespaces.splice(0)) {
      for (const program of namespace.programs) program.signal('SIGKILL');
      runSync('ip', 'netns', 'del', namespace.name);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Adds an address that can be used at once. */
export async function addAddress(
  namespace: Namespace,
  address: string,
  device: string,
): Promise<void> {
  const immediate = address.includes(':') ? ['nodad'] : [];
  await namespace.ip('addr', 'add', address, 'dev', device, ...immediate);
}

/** Removes the namespaces, programs and folders of processes that died without cleaning up. */
export async function removeLeftovers(label: string): Promise<void> {
  const pattern = new RegExp(`^${label}-(\\d+)-(\\d+)-`);
  const isDead = (name: string): boolean => {
    const [, pid, start] = pattern.exec(name) ?? [];
    return pid !== undefined && startOf(Number(pid)) !== start;
  };
  const listed = await capture(['ip', 'netns', 'list']);
  const namespaces = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of namespaces.filter(isDead)) {
    await killAllIn(name);
    runSync('ip', 'netns', 'del', name);
  }
  for (const name of readdirSync(os.tmpdir()).filter(isDead)) {
    const folder = path.join(os.tmpdir(), name);
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killAllIn(namespace: string): Promise<void> {
  const pids = await capture(['ip', 'netns', 'pids', namespace]);
  for (const pid of pids.split('\n').filter(Boolean)) kill(Number(pid));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just gone by itself.
  }
}

/**
 * When a process began, in clock ticks since boot: with its id it names a process for good. Empty
 * when there is none. Field 22 of /proc/PID/stat; the name in field 2 may contain anything.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
