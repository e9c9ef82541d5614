import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = path.join(import.meta.dirname, '../dist/cli/main.js');
/** CPU time is counted in hundredths of a second. */
const TICK = 10;
const QUIET = 2000;

/** A `bengal` of the built package, with BENGAL_NODE under another Node. */
export class BengalProcess {
  readonly started: number = performance.now();
  /** The time of its line `ready`, in milliseconds since the start. */
  readonly ready: Promise<number>;
  readonly #child: ChildProcess;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const node = process.env['BENGAL_NODE'] ?? process.execPath;
    const child = spawn(node, [MAIN, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.ready = new Promise((resolve, reject) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.includes('"msg":"ready"')) resolve(performance.now() - this.started);
      });
      child.on('exit', (code) => reject(new Error(`bengal ended with ${code}`)));
    });
  }

  /** Resident memory in MB. */
  get rss(): number {
    const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(this.#proc('status')) ?? [];
    return Number(kilobytes) / 1024;
  }

  /** Milliseconds of CPU so far, all threads. */
  get cpu(): number {
    const [, after = ''] = this.#proc('stat').split(') ');
    const fields = after.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  }

  /** Resolves when it has used next to no CPU for a while. */
  async settled(): Promise<void> {
    for (let before = -1; this.cpu - before > 2 * TICK; await sleep(QUIET)) before = this.cpu;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }

  #proc(file: string): string {
    return readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8');
  }
}
