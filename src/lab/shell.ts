import { execFile, spawnSync } from 'node:child_process';
import { BengalError } from '../runtime/error.ts';

/** Tables of large clusters are printed whole. */
const MOST_OUTPUT = 256 * 1024 * 1024;
/** In milliseconds. */
const LIMIT = 60_000;

/** Runs a command and returns its standard output; rejects with what it said when it fails. */
export function capture(argv: readonly string[]): Promise<string> {
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    execFile(command, args, { maxBuffer: MOST_OUTPUT, timeout: LIMIT }, (error, out, complaint) => {
      if (error === null) return resolve(out);
      const said = complaint.trim() || out.trim() || error.message;
      reject(new BengalError('command-failed', `${argv.join(' ')}: ${said.slice(0, 500)}`));
    });
  });
}

/** Runs a command whose failure does not matter, and waits for it. */
export function runSync(...argv: readonly string[]): void {
  const [command = '', ...args] = argv;
  spawnSync(command, args, { stdio: 'ignore', timeout: LIMIT });
}
