import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Program, type ProgramOptions } from './program.ts';
import { capture, runSync } from './shell.ts';

/*
 * Starting a program from a large process is dear, so that what belongs together is one script.
 */

/** Link-local addresses are good at once, not after a second or two of duplicate detection. */
const CREATE = `
  ip netns add "$1"
  ip netns exec "$1" /bin/sh -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
  ip -n "$1" link set lo up`;
const BATCH = 'name=$1; shift; printf "%s\\n" "$@" | ip -n "$name" -batch -';
/** What one namespace refuses must not keep the others. */
const PIDS = 'for name do ip netns pids "$name" || :; done';
const DELETE = 'for name do ip netns del "$name" || :; done';

const script = (text: string, args: readonly string[]): readonly string[] => [
  ...['/bin/sh', '-ec', text, 'sh'],
  ...args,
];

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

  /** Runs commands of `ip`, each as one text, on this namespace's network, until one fails. */
  async batch(commands: readonly string[]): Promise<void> {
    await capture(script(BATCH, [this.name, ...commands]));
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
    await capture(script(CREATE, [namespace.name]));
    return namespace;
  }

  /** Joins namespaces by one Ethernet segment: a bridge in a namespace of its own. */
  async connect(ports: readonly Port[]): Promise<void> {
    const bridge = await this.create('_switch');
    await bridge.batch([
      `link add ${BRIDGE} type bridge`,
      `link set ${BRIDGE} up`,
      ...ports.flatMap(({ namespace }, index) => [
        `link add port${index} type veth peer name eth0 netns ${namespace.name}`,
        `link set port${index} master ${BRIDGE} up`,
      ]),
    ]);
    for (const { namespace, ethernet, addresses } of ports) {
      const identity = ethernet === undefined ? '' : ` address ${ethernet}`;
      await namespace.batch([
        `link set eth0${identity} up`,
        ...addresses.map((address) => addressCommand(address, 'eth0')),
      ]);
    }
  }

  /** Ends every program, waits for that, and removes the namespaces and their folder. */
  async remove(): Promise<void> {
    const programs = this.#namespaces.flatMap((namespace) => namespace.programs);
    await Promise.all(programs.map((program) => program.stop('SIGKILL')));
    // Children that a program left behind do not end by themselves while they are stopped.
    await killAllIn(namesOf(this.#namespaces));
    this.removeNow();
  }

  /** As `remove`, without waiting: for a process that is about to end. */
  removeNow(): void {
    process.off('exit', this.#atExit);
    const namespaces = this.#namespaces.splice(0);
    for (const { programs } of namespaces) {
      for (const program of programs) program.signal('SIGKILL');
    }
    runSync(...script(DELETE, namesOf(namespaces)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const namesOf = (namespaces: readonly Namespace[]): readonly string[] =>
  namespaces.map(({ name }) => name);

/** The command of `ip` that adds an address which can be used at once. */
export const addressCommand = (address: string, device: string): string =>
  `addr add ${address} dev ${device}${address.includes(':') ? ' nodad' : ''}`;

/** Removes the namespaces, programs and folders of processes that died without cleaning up. */
export async function removeLeftovers(label: string): Promise<void> {
  const pattern = new RegExp(`^${label}-(\\d+)-(\\d+)-`);
  const isDead = (name: string): boolean => {
    const [, pid, start] = pattern.exec(name) ?? [];
    return pid !== undefined && startOf(Number(pid)) !== start;
  };
  const listed = await capture(['ip', 'netns', 'list']);
  const namespaces = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
  const left = namespaces.filter(isDead);
  await killAllIn(left);
  runSync(...script(DELETE, left));
  for (const name of readdirSync(os.tmpdir()).filter(isDead)) {
    const folder = path.join(os.tmpdir(), name);
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== process.getuid?.()) continue;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killAllIn(namespaces: readonly string[]): Promise<void> {
  const pids = await capture(script(PIDS, namespaces));
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
