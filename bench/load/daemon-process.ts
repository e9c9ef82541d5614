import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon, Task } from '../daemons/daemon.ts';
import { DAEMON_CORE, onCore } from './cores.ts';
import type { LoadNetwork } from './network.ts';

const PATIENCE = 30_000;
const POLL = 20;
/** OpenBGPD's children come after their parent listens. */
const SETTLE = 1000;
/** Milliseconds between two looks at the memory of a daemon. */
const LOOK = 250;
const MOST_SAID = 1000;
/** OpenBGPD refuses a configuration that others can read. */
const PRIVATE = 0o600;
const LISTENS_ON_179 = /:00B3 \S+ 0A /;

/** A daemon in its namespace, with all processes that it starts. */
export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #directory: string;
  #listeningAfter = Number.NaN;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
  }

  /** Resolves when it listens. */
  static async start(
    daemon: Daemon,
    network: LoadNetwork,
    task: Omit<Task, 'directory'>,
  ): Promise<DaemonProcess> {
    const directory = mkdtempSync(path.join(tmpdir(), `bengal-bench-${daemon.name}-`));
    const whole = { ...task, directory };
    for (const [name, text] of Object.entries(daemon.files(whole)))
      writeFileSync(path.join(directory, name), text, { mode: PRIVATE });
    const pinned = onCore(DAEMON_CORE, daemon.command(whole));
    const command = ['netns', 'exec', network.daemon, ...pinned];
    const log = openSync(path.join(directory, 'log'), 'w');
    const child = spawn('ip', command, { stdio: ['ignore', log, log] });
    closeSync(log);
    const process = new DaemonProcess(child, directory);
    await process.#listening(daemon.name);
    return process;
  }

  /** Milliseconds from its start until it listened. */
  get listeningAfter(): number {
    return this.#listeningAfter;
  }

  get pids(): readonly number[] {
    const parents = new Map(processes().map(({ pid, parent }) => [pid, parent]));
    const isOurs = (pid: number | undefined): boolean =>
      pid !== undefined && (pid === this.#child.pid || isOurs(parents.get(pid)));
    return [...parents.keys()].filter(isOurs);
  }

  /** Waits for `work`, unless the daemon takes more than `most` octets meanwhile: then it is ended. */
  async within<T>(most: number, work: Promise<T>): Promise<T> {
    let tooLarge = false;
    const timer = setInterval(() => {
      if (tooLarge || this.#memory <= most) return;
      tooLarge = true;
      for (const pid of this.pids) signal(pid, 'SIGKILL');
    }, LOOK);
    try {
      const done = await work;
      if (!tooLarge) return done;
    } catch (error) {
      if (!tooLarge) throw error;
    } finally {
      clearInterval(timer);
    }
    throw new Error(`it takes more than ${most / 2 ** 30} GiB of memory`);
  }

  get #memory(): number {
    return this.pids.reduce((sum, pid) => sum + residentOf(pid), 0);
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    const exited = exitCode === null && signalCode === null ? once(this.#child, 'exit') : undefined;
    for (const pid of this.pids.toReversed()) signal(pid, 'SIGTERM');
    const hard = setTimeout(() => {
      for (const pid of this.pids) signal(pid, 'SIGKILL');
    }, PATIENCE / 10);
    await exited;
    clearTimeout(hard);
    rmSync(this.#directory, { recursive: true });
  }

  async #listening(name: string): Promise<void> {
    const started = performance.now();
    const until = started + PATIENCE;
    while (performance.now() < until && this.#child.exitCode === null) {
      if (LISTENS_ON_179.test(readFileSync(`/proc/${this.#child.pid}/net/tcp`, 'utf8'))) {
        this.#listeningAfter = performance.now() - started;
        await sleep(SETTLE);
        return;
      }
      await sleep(POLL);
    }
    const said = readFileSync(path.join(this.#directory, 'log'), 'utf8').slice(-MOST_SAID);
    await this.end();
    throw new Error(`${name} does not listen: ${said}`);
  }
}

function processes(): readonly { readonly pid: number; readonly parent: number }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [, rest = ''] = /\) \S (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      return [{ pid: Number(entry), parent: Number(rest) }];
    } catch {
      return [];
    }
  });
}

/** Octets of a process in memory; 0 once it is gone. */
function residentOf(pid: number): number {
  try {
    const [, kilobytes = '0'] =
      /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return 1024 * Number(kilobytes);
  } catch {
    return 0;
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
