import { processClock } from '../runtime/process-clock.ts';
import type { Io, Signal } from './io.ts';

const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

/** This process. */
export function processIo(): Io {
  const { stdout, stderr, env } = process;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader has left, as `head` does.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    env,
    clock: processClock,
    get input() {
      return process.stdin;
    },
    program: [process.execPath, ...process.execArgv, process.argv[1] ?? ''],
    runDirectory: '/run/bengal',
    stateDirectory: '/var/lib/bengal',
    calicoDirectory: '/var/run/calico',
    birdDirectory: '/run/bird',
    colour: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '',
    write: (text) =>
      new Promise((resolve) => {
        stdout.write(text, () => resolve());
      }),
    complain: (line) => {
      stderr.write(`${line}\n`);
    },
    onSignal: (handler) => {
      for (const signal of SIGNALS) process.on(signal, () => handler(signal));
    },
    onExit: (handler) => {
      process.on('exit', handler);
    },
    exit: (code) => process.exit(code),
  };
}
