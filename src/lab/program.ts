import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

export interface ProgramOptions {
  readonly argv: readonly string[];
  /** File that its output is added to. */
  readonly log: string;
  /** Its whole environment; that of this process when absent. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for every message of a Node program that sends any. */
  readonly received?: (message: unknown) => void;
}

/** A program in the foreground, in a process group of its own: Ctrl-C does not reach it. */
export class Program {
  readonly log: string;
  /** Resolves when it has ended. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;

  constructor({ argv, log, env, received }: ProgramOptions) {
    const [command = '', ...args] = argv;
    this.log = log;
    const output = openSync(log, 'a');
    const channel = received === undefined ? [] : (['ipc'] as const);
    const stdio: StdioOptions = ['ignore', output, output, ...channel];
    const options: SpawnOptions = { stdio, detached: true };
    if (env !== undefined) options.env = env;
    this.#child = spawn(command, args, options);
    closeSync(output);
    if (received !== undefined) this.#child.on('message', received);
    this.gone = new Promise((resolve) => {
      this.#child.once('exit', () => resolve());
      this.#child.once('error', () => resolve());
    });
  }

  get running(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Everything that it has printed. */
  output(): string {
    return readFileSync(this.log, 'utf8');
  }

  send(message: object): void {
    if (this.#child.connected) this.#child.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Ends it with `signal` and waits until it is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.gone;
  }
}
