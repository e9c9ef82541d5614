import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Host, LogTail, Program, Runner } from './runner.ts';
import { capture, runSync } from './shell.ts';

/** Link-local addresses are good at once, not after a second or two of duplicate detection. */
const NO_DAD = 'echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad';
const PREFIX = 'bengal-interop-';

/** Runs every party in a network namespace of this machine; needs root and iproute2. */
export class NamespaceRunner implements Runner {
  static #count = 0;
  readonly #id = `${PREFIX}${process.pid}-${NamespaceRunner.#count++}`;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), `${this.#id}-`));
  readonly #namespaces: string[] = [];
  readonly #programs: NamespaceProgram[] = [];

  async lan(names: readonly string[]): Promise<readonly Host[]> {
    const bridge = await this.#namespace('switch');
    await ip(bridge, 'link', 'add', 'br0', 'type', 'bridge');
    await ip(bridge, 'link', 'set', 'br0', 'up');
    const hosts: Host[] = [];
    for (const [index, name] of names.entries()) {
      const namespace = await this.#namespace(name);
      const host = this.#host(name, namespace, index + 1);
      await plug(bridge, `port${index}`, host, namespace);
      hosts.push(host);
    }
    return hosts;
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop('SIGKILL')));
    this.closeNow();
  }

  /** As `close`, without waiting: for a process that is about to exit. */
  closeNow(): void {
    for (const program of this.#programs) program.signal('SIGKILL');
    for (const name of this.#namespaces.splice(0)) runSync('ip', 'netns', 'del', name);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #namespace(name: string): Promise<string> {
    const namespace = `${this.#id}-${name}`;
    await capture(['ip', 'netns', 'add', namespace]);
    this.#namespaces.push(namespace);
    await capture(['ip', 'netns', 'exec', namespace, '/bin/sh', '-c', NO_DAD]);
    await ip(namespace, 'link', 'set', 'lo', 'up');
    return namespace;
  }

  #host(name: string, namespace: string, number: number): Host {
    const folder = path.join(this.#folder, name);
    mkdirSync(folder);
    const inside = ['ip', 'netns', 'exec', namespace];
    return {
      name,
      folder,
      ipv4: `10.77.0.${number}`,
      ipv6: `fd77::${number}`,
      linkLocal: `fe80::ff:fe00:${number}`,
      write: (file, text) => {
        writeFileSync(path.join(folder, file), text);
        return path.join(folder, file);
      },
      start: (log, argv) => {
        const program = new NamespaceProgram(log, [...inside, ...argv], folder);
        this.#programs.push(program);
        return program;
      },
      run: (argv) => capture([...inside, ...argv]),
      logTails: (lines) => tails(folder, lines),
    };
  }
}

/** Removes the namespaces and folders of runs that died without cleaning up. */
export async function removeLeftovers(): Promise<void> {
  const dead = (name: string): boolean => {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !isOurs(pid);
  };
  const listed = await capture(['ip', 'netns', 'list']);
  const namespaces = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
  for (const name of namespaces.filter(dead)) {
    const pids = await capture(['ip', 'netns', 'pids', name]);
    for (const pid of pids.split('\n').filter(Boolean)) process.kill(Number(pid), 'SIGKILL');
    runSync('ip', 'netns', 'del', name);
  }
  for (const name of readdirSync(os.tmpdir()).filter(dead)) {
    rmSync(path.join(os.tmpdir(), name), { recursive: true, force: true });
  }
}

/** True while the run that made something lives; a recycled process id is not taken for it. */
function isOurs(pid: string): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('interop');
}

async function plug(bridge: string, port: string, host: Host, namespace: string): Promise<void> {
  const far = ['peer', 'name', 'eth0', 'netns', namespace];
  await ip(bridge, 'link', 'add', port, 'type', 'veth', ...far);
  await ip(bridge, 'link', 'set', port, 'master', 'br0', 'up');
  const ethernet = `02:00:00:00:00:${host.ipv4.split('.')[3]?.padStart(2, '0')}`;
  await ip(namespace, 'link', 'set', 'eth0', 'address', ethernet, 'up');
  await ip(namespace, 'addr', 'add', `${host.ipv4}/24`, 'dev', 'eth0');
  await ip(namespace, 'addr', 'add', `${host.ipv6}/64`, 'dev', 'eth0', 'nodad');
}

const ip = (namespace: string, ...args: string[]): Promise<string> =>
  capture(['ip', '-n', namespace, ...args]);

function tails(folder: string, lines: number): readonly LogTail[] {
  const logs = readdirSync(folder).filter((name) => name.endsWith('.log'));
  return logs.map((log) => ({
    log,
    text: readFileSync(path.join(folder, log), 'utf8').split('\n').slice(-lines).join('\n').trim(),
  }));
}

/** `ip netns exec` replaces itself by the program, so that the child's pid is the program's. */
class NamespaceProgram implements Program {
  readonly name: string;
  readonly #child;
  readonly #gone: Promise<void>;
  readonly #log: string;

  constructor(name: string, argv: readonly string[], folder: string) {
    const [command = '', ...args] = argv;
    this.name = name;
    this.#log = path.join(folder, `${name}.log`);
    const output = openSync(this.#log, 'a');
    // A group of its own: Ctrl-C at the terminal reaches the runner alone.
    this.#child = spawn(command, args, { stdio: ['ignore', output, output], detached: true });
    closeSync(output);
    this.#gone = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
  }

  get running(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  output(): string {
    return readFileSync(this.#log, 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.#gone;
  }
}
